// How each thing on the ground is drawn: the marks of the interface, light and dark.
// Features carry: c class, d first day, e day it ends (0: never), o organisation, l level
// (1 reported, 2 verified, 3 approved); hazards w day of the first release, x day from which no
// ground remains; items q pieces; dots n things, s share of the ground in percent.

export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;

const classes = (layer, colours, otherwise) => {
  const pairs = layer.classes.flatMap((one, n) => (colours[one.id] ? [n, colours[one.id]] : []));
  return pairs.length ? ["match", ["get", "c"], ...pairs, otherwise] : otherwise;
};

// What holds on a day.
export const holds = (day) => ["all", ["<=", ["get", "d"], day], ["any", ["==", ["get", "e"], 0], [">", ["get", "e"], day]]];
const begun = (day) => ["<=", ["get", "d"], day];
const status = {
  untouched: (day) => ["any", ["==", ["get", "w"], 0], [">", ["get", "w"], day]],
  done: (day) => ["all", [">", ["get", "x"], 0], ["<=", ["get", "x"], day]],
};
status.part = (day) => ["all", ["!", status.untouched(day)], ["!", status.done(day)]];

const FONT = ["system-ui", "Noto Sans", "sans-serif"];
const ITEM_COLOURS = { saa: "#8a7a5c", ap_mine: "#7b3f99", ap_mine_improvised: "#7b3f99", av_mine: "#4a2c6b", submunition: "#b0477a", ied: "#b0477a", booby_trap: "#b0477a" };

// Layers of the style with the filter that each has on a day.
export function drawn(data) {
  const found = [];
  const add = (layer, style, filter) => found.push({ ...style, source: layer.id, layer: layer.id, byDay: filter });
  for (const id of ["hazards", "released", "reports", "tasks", "items", "evidence", "findings"]) {
    const layer = data.layers.find((one) => one.id === id);
    if (layer) draw[id](layer, (style, filter) => add(layer, style, filter));
  }
  return found;
}

const lit = (quiet, loud) => ["case", ["boolean", ["feature-state", "lit"], false], loud, quiet];

const draw = {
  hazards(layer, add) {
    const colour = classes(layer, { SHA: token("sha"), CHA: token("cha") }, token("quiet"));
    const indication = layer.classes.findIndex((one) => one.id === "indication");
    add({ id: "hazards-fill", type: "fill", "source-layer": "hazards", paint: { "fill-color": colour, "fill-opacity": ["case", ["==", ["get", "c"], indication], 0.12, lit(0.5, 0.72)] } }, holds);
    const dashes = { untouched: undefined, part: [4, 2], done: [0.6, 1.6] };
    for (const [name, dash] of Object.entries(dashes)) {
      add({
        id: `hazards-line-${name}`, type: "line", "source-layer": "hazards",
        layout: { "line-cap": name === "done" ? "round" : "butt" },
        paint: { "line-color": classes(layer, dark() ? { SHA: "#f7c27a", CHA: "#f5a29b" } : { SHA: "#9a4e00", CHA: "#8e1b1b" }, token("quiet")), "line-width": lit(1.6, 4), ...(dash ? { "line-dasharray": dash } : {}) },
      }, (day) => ["all", holds(day), status[name](day)]);
    }
    add(dots("hazards", colour), begun);
    add(label("hazards"), holds);
  },
  released(layer, add) {
    const colours = { cancelled: token("cancelled"), reduced: token("reduced"), cleared: token("cleared") };
    const colour = classes(layer, colours, token("quiet"));
    const reduced = layer.classes.findIndex((one) => one.id === "reduced");
    add({ id: "released-fill", type: "fill", "source-layer": "released", paint: { "fill-color": colour, "fill-opacity": lit(0.86, 1) } }, holds);
    add({ id: "released-stripes", type: "fill", "source-layer": "released", minzoom: 13, paint: { "fill-pattern": "stripes" } }, (day) => ["all", holds(day), ["==", ["get", "c"], reduced]]);
    add({ id: "released-line", type: "line", "source-layer": "released", minzoom: 13, paint: { "line-color": dark() ? "#0d120f" : "#1d5233", "line-width": lit(0.7, 3) } }, holds);
    add(dots("released", colour), begun);
  },
  reports(layer, add) {
    add({ id: "reports-fill", type: "fill", "source-layer": "reports", paint: { "fill-color": token("ink"), "fill-opacity": lit(0.04, 0.3) } }, holds);
    add({ id: "reports-line", type: "line", "source-layer": "reports", paint: { "line-color": token("ink"), "line-width": lit(0.8, 3), "line-dasharray": [1, 1.5] } }, holds);
    add(dots("reports", token("ink")), begun);
  },
  tasks(layer, add) {
    add({ id: "tasks-fill", type: "fill", "source-layer": "tasks", paint: { "fill-color": token("focus"), "fill-opacity": lit(0, 0.25) } }, holds);
    const colour = classes(layer, { suspended: token("bad"), worked_on: token("focus"), accepted: token("quiet"), cancelled: token("quiet") }, token("ink"));
    add({ id: "tasks-line", type: "line", "source-layer": "tasks", paint: { "line-color": colour, "line-width": lit(2, 4), "line-dasharray": [5, 2] } }, holds);
    add(dots("tasks", token("focus")), begun);
    add(label("tasks"), holds);
  },
  items(layer, add) {
    const colour = classes(layer, ITEM_COLOURS, dark() ? "#d9c7ef" : "#3b2a55");
    add({ id: "items-dot", type: "circle", "source-layer": "items", paint: { "circle-color": colour, "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 1.4, 16, 4.5], "circle-stroke-color": token("paper"), "circle-stroke-width": lit(0.6, 3) } }, holds);
    const size = ["interpolate", ["linear"], ["ln", ["+", ["get", "n"], 1]], 0, 1, 4, 2.4, 8, 4.5];
    add({ id: "items-many", type: "circle", "source-layer": "items_dots", paint: { "circle-color": dark() ? "#d9c7ef" : "#3b2a55", "circle-radius": size, "circle-opacity": 0.65 } }, begun);
  },
  evidence(layer, add) {
    add({ id: "evidence-mark", type: "symbol", "source-layer": "evidence", layout: { "icon-image": "triangle", "icon-allow-overlap": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.5, 14, 1] } }, holds);
    add({ id: "evidence-lit", type: "circle", "source-layer": "evidence", paint: { "circle-radius": 11, "circle-color": "transparent", "circle-stroke-color": token("ink"), "circle-stroke-width": lit(0, 2) } }, holds);
    add(dots("evidence", "#c9a400"), begun);
  },
  findings(layer, add) {
    add({ id: "findings-mark", type: "symbol", "source-layer": "findings", layout: { "icon-image": "cross", "icon-allow-overlap": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.45, 14, 1] } }, holds);
    add({ id: "findings-lit", type: "circle", "source-layer": "findings", paint: { "circle-radius": 11, "circle-color": "transparent", "circle-stroke-color": token("bad"), "circle-stroke-width": lit(0, 2) } }, holds);
    add(dots("findings", token("bad")), begun);
  },
};

const dots = (layer, colour) => ({
  id: `${layer}-dots`, type: "circle", "source-layer": `${layer}_dots`,
  paint: { "circle-color": colour, "circle-radius": ["interpolate", ["linear"], ["zoom"], 4, 1.6, 11, 3.2], "circle-opacity": ["interpolate", ["linear"], ["coalesce", ["get", "s"], 60], 0, 0.25, 60, 0.95] },
});

const label = (layer) => ({
  id: `${layer}-label`, type: "symbol", "source-layer": layer, minzoom: 12,
  layout: { "text-field": ["get", "t"], "text-font": FONT, "text-size": 12, "text-optional": true, "text-padding": 6 },
  paint: { "text-color": token("ink"), "text-halo-color": token("paper"), "text-halo-width": 1.6 },
});

// Pictures of the marks that are no plain colour.
export function images(map) {
  const ratio = 2;
  const picture = (size, paint) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    paint(pen, size);
    return pen.getImageData(0, 0, size * ratio, size * ratio);
  };
  const put = (name, size, paint) => { if (!map.hasImage(name)) map.addImage(name, picture(size, paint), { pixelRatio: ratio }); };
  put("stripes", 6, (pen) => { pen.fillStyle = token("reduced-line"); pen.fillRect(0, 0, 6, 1); });
  put("triangle", 18, (pen) => {
    pen.beginPath(); pen.moveTo(9, 2); pen.lineTo(16, 15); pen.lineTo(2, 15); pen.closePath();
    pen.fillStyle = "#fdd835"; pen.strokeStyle = "#17211c"; pen.lineWidth = 1.4; pen.fill(); pen.stroke();
  });
  put("cross", 18, (pen) => {
    for (const [colour, wide] of [["#ffffff", 5], ["#b3261e", 2.4]]) {
      pen.beginPath(); pen.moveTo(4, 4); pen.lineTo(14, 14); pen.moveTo(4, 14); pen.lineTo(14, 4);
      pen.strokeStyle = colour; pen.lineWidth = wide; pen.lineCap = "round"; pen.stroke();
    }
  });
}

// The style: water, land or a basemap, graticule, the layers, what is measured.
export function styleOf(data, sources, filterDay) {
  const water = dark() ? "#0b1418" : "#d9e4ea";
  const ground = dark() ? "#1a211d" : "#f4f3ee";
  const shown = drawn(data);
  const own = ({ layer, byDay, ...one }) => ({ ...one, filter: byDay(filterDay), metadata: { layer } });
  return {
    version: 8,
    sources,
    layers: [
      { id: "water", type: "background", paint: { "background-color": water } },
      { id: "land", type: "fill", source: "land", "source-layer": "land", paint: { "fill-color": ground, "fill-antialias": false } },
      { id: "graticule", type: "line", source: "graticule", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": token("quiet"), "line-width": 0.5, "line-opacity": 0.45 } },
      // words lie above every area
      ...shown.filter((one) => !one.id.endsWith("-label")).map(own),
      ...shown.filter((one) => one.id.endsWith("-label")).map(own),
      { id: "graticule-words", type: "symbol", source: "graticule", filter: ["==", ["geometry-type"], "Point"], layout: { "text-field": ["get", "t"], "text-font": FONT, "text-size": 10, "text-anchor": ["get", "a"], "text-allow-overlap": true, "text-padding": 0 }, paint: { "text-color": token("quiet"), "text-halo-color": ground, "text-halo-width": 1.4 } },
      { id: "measured-fill", type: "fill", source: "measured", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": token("focus"), "fill-opacity": 0.15 } },
      { id: "measured-line", type: "line", source: "measured", paint: { "line-color": token("focus"), "line-width": 2, "line-dasharray": [2, 1] } },
      { id: "measured-dot", type: "circle", source: "measured", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": token("paper"), "circle-radius": 4, "circle-stroke-color": token("focus"), "circle-stroke-width": 2 } },
    ],
  };
}
