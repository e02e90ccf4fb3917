// Draw and edit one shape over the same text field that a person can type into.
const script = (address) => new Promise((done, failed) => {
  const element = document.createElement("script");
  element.src = address;
  element.onload = done;
  element.onerror = failed;
  document.head.append(element);
});

function bounds(geometry) {
  let [west, south, east, north] = [180, 90, -180, -90];
  const visit = (nested) => {
    if (typeof nested[0] === "number") {
      west = Math.min(west, nested[0]); east = Math.max(east, nested[0]);
      south = Math.min(south, nested[1]); north = Math.max(north, nested[1]);
    } else nested.forEach(visit);
  };
  visit(geometry.coordinates);
  return [[west, south], [east, north]];
}

const parts = (geometry) => (geometry.type.startsWith("Multi")
  ? geometry.coordinates.map((coordinates) => ({ type: geometry.type.slice(5), coordinates }))
  : [geometry]);

function together(features) {
  const geometries = features.map((one) => one.geometry);
  if (!geometries.length) return null;
  if (geometries.length === 1) return { type: geometries[0].type, coordinates: geometries[0].coordinates };
  return { type: `Multi${geometries[0].type}`, coordinates: geometries.map((one) => one.coordinates) };
}

const exact = (geometry) => JSON.stringify(geometry, (_, value) => (typeof value === "number" ? Math.round(value * 1e9) / 1e9 : value));

export async function open(set, addresses, measure) {
  const box = set.querySelector(".draw");
  const field = set.querySelector("textarea");
  const words = box.dataset;
  const answer = await measure(set);
  const maplibre = await import(addresses.map);
  maplibre.setWorkerUrl(new URL(addresses.worker, location.href).href);
  if (!window.terraDraw) await script(addresses.tools);
  if (!window.terraDrawMaplibreGlAdapter) await script(addresses.adapter);
  box.hidden = false;
  const stage = document.createElement("div");
  stage.className = "draw-map";
  const tools = document.createElement("div");
  tools.className = "draw-tools";
  const help = document.createElement("p");
  help.className = "help";
  help.textContent = words.wordsHelp;
  box.replaceChildren(tools, stage, help);
  const style = await mapStyle();
  let map;
  try {
    map = new maplibre.Map({ container: stage, style, center: centreOf(), zoom: 12, attributionControl: false });
  } catch {
    box.hidden = true;
    return null;
  }
  map.addControl(new maplibre.NavigationControl({ showCompass: false }));
  map.addControl(new maplibre.ScaleControl());
  await new Promise((done) => map.once("load", done));
  const kit = window.terraDraw;
  const takes = set.dataset.takes.split(" ");
  const colour = "#1d5c3f";
  const styles = { fillColor: colour, fillOpacity: 0.2, outlineColor: colour, outlineWidth: 3, closingPointColor: "#b3261e" };
  const corner = { selectionPointColor: colour, selectionPointWidth: 6, midPointColor: "#ffffff", midPointOutlineColor: colour, midPointWidth: 4, selectedPolygonColor: colour, selectedPolygonFillOpacity: 0.2, selectedPolygonOutlineColor: colour };
  let snap = false;
  const snapping = { toCustom: (event, context) => (snap ? nearest(event, context) : undefined) };
  const dragging = { feature: { draggable: true, coordinates: { midpoints: true, draggable: true, deletable: true } } };
  const draw = new kit.TerraDraw({
    adapter: new window.terraDrawMaplibreGlAdapter.TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
    modes: [
      new kit.TerraDrawPolygonMode({ styles, snapping }),
      new kit.TerraDrawLineStringMode({ styles: { lineStringColor: colour, lineStringWidth: 3 }, snapping }),
      new kit.TerraDrawPointMode({ styles: { pointColor: colour, pointWidth: 7 } }),
      new kit.TerraDrawSelectMode({ flags: { polygon: dragging, linestring: dragging, point: { feature: { draggable: true } } }, styles: corner }),
    ],
  });
  const beside = (features) => {
    const data = { type: "FeatureCollection", features: features || [] };
    if (map.getSource("around")) map.getSource("around").setData(data);
    else {
      map.addSource("around", { type: "geojson", data });
      const tint = ["match", ["get", "role"], "neighbour", "#d32f2f", "#2e7d4f"];
      map.addLayer({ id: "around-fill", type: "fill", source: "around", paint: { "fill-color": tint, "fill-opacity": 0.15 } });
      map.addLayer({ id: "around-line", type: "line", source: "around", paint: { "line-color": tint, "line-width": 1, "line-dasharray": [3, 2] } });
    }
  };
  beside(answer && answer.around);
  draw.start();

  const past = [];
  let silent = false;
  const shapes = () => draw.getSnapshot().filter((one) => ["polygon", "linestring", "point"].includes(one.properties.mode) && !one.properties.currentlyDrawing);

  function nearest(event) {
    let best, near = 12;
    for (const one of shapes()) {
      const rings = one.geometry.type === "Polygon" ? one.geometry.coordinates : [[].concat(one.geometry.coordinates)];
      for (const ring of rings) for (const position of ring) {
        if (typeof position === "number") continue;
        const at = map.project(position);
        const away = Math.hypot(at.x - event.containerX, at.y - event.containerY);
        if (away < near) { near = away; best = position; }
      }
    }
    return best;
  }

  function show(geometry, fit = true) {
    silent = true;
    draw.clear();
    const mode = { Polygon: "polygon", LineString: "linestring", Point: "point" };
    draw.addFeatures(parts(geometry).map((one) => ({ type: "Feature", geometry: one, properties: { mode: mode[one.type] } })));
    silent = false;
    if (fit) map.fitBounds(bounds(geometry), { padding: 60, maxZoom: 18, duration: 0 });
  }

  function write() {
    const geometry = together(shapes());
    field.value = geometry ? exact(geometry) : "";
    measure(set).then((known) => { if (known && known.around) beside(known.around); });
  }

  const took = () => {
    if (silent) return;
    past.push(field.value);
    if (past.length > 50) past.shift();
    write();
  };
  draw.on("finish", (_, context) => {
    took();
    if (context.action === "draw") press("select");
  });

  const modes = { Polygon: ["polygon", words.wordsAdd], LineString: ["linestring", words.wordsLine], Point: ["point", words.wordsPoint] };
  const buttons = new Map();
  function button(text, act, pressed) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "plain";
    made.textContent = text;
    if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
    made.addEventListener("click", () => act(made));
    tools.append(made);
    return made;
  }
  function press(mode) {
    draw.setMode(mode);
    for (const [name, one] of buttons) one.setAttribute("aria-pressed", String(name === mode));
  }
  for (const one of takes) if (modes[one]) buttons.set(modes[one][0], button(modes[one][1], () => press(modes[one][0]), false));
  buttons.set("select", button(words.wordsEdit, () => press("select"), false));
  button(words.wordsUndo, () => {
    if (!past.length) return;
    field.value = past.pop();
    silent = true;
    draw.clear();
    silent = false;
    measure(set).then((known) => { if (known && known.geojson) show(known.geojson, false); });
  });
  button(words.wordsClear, () => {
    past.push(field.value);
    silent = true;
    draw.clear();
    silent = false;
    write();
  });
  if (takes.includes("Polygon")) button(words.wordsSnap, (made) => {
    snap = !snap;
    made.setAttribute("aria-pressed", String(snap));
  }, false);

  if (answer && answer.geojson) {
    show(answer.geojson);
    press("select");
  } else press(modes[takes.find((one) => modes[one])][0]);
  return { show: (geometry) => show(geometry, false), map, draw };

  function centreOf() {
    const [first] = answer && answer.geojson ? [bounds(answer.geojson)] : [];
    if (first) return first[0];
    const given = (document.querySelector("[data-centre]") || {}).dataset;
    return given ? given.centre.split(",").map(Number) : [0, 20];
  }
}

// The bundled basemap where the map has one; else plain paper, on which one draws by coordinates.
async function mapStyle() {
  const given = document.querySelector("[data-style]");
  if (given) return given.dataset.style;
  return { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": "#eef2ef" } }] };
}
