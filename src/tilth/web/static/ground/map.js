// The map, and the list that shows what it shows.
import * as gl from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { graticule } from "./graticule.js";
import { drawn, images, styleOf } from "./layers.js";
import { measuring } from "./measure.js";
import { said } from "./places.js";

const data = JSON.parse(document.getElementById("ground-data").textContent);
const stage = document.getElementById("ground-map");
const form = document.getElementById("ground-filter");
const EPOCH = 719163; // 1970-01-01 as an ordinal
const isoOf = (day) => new Date((day - EPOCH) * 864e5).toISOString().slice(0, 10);
const dayOf = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / 864e5) + EPOCH;
const empty = { type: "FeatureCollection", features: [] };
let until = data.until;
let map = null;

const webgl = () => {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
  } catch { return false; }
};

// -- the address: one query for map, list, download and the page that is drawn by the server
function query({ box = true } = {}) {
  const found = new URLSearchParams();
  const layers = new Set();
  for (const [name, value] of new FormData(form)) {
    if (name === "layer") { if (value) layers.add(value); } else if (value && name !== "until" && name !== "bbox") found.append(name, value);
  }
  if (layers.size) layers.forEach((one) => found.append("layer", one)); else found.append("layer", "none");
  if (until !== data.today) found.set("until", isoOf(until));
  if (box && map) {
    const bounds = map.getBounds();
    const limit = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(6);
    found.set("bbox", [limit(bounds.getWest(), 180), limit(bounds.getSouth(), 90), limit(bounds.getEast(), 180), limit(bounds.getNorth(), 90)].join(","));
  }
  return found;
}

// What a tile of a layer depends on; the day is filtered here.
function tileQuery(layer) {
  const found = new URLSearchParams({ s: data.sight });
  for (const [name, value] of new FormData(form)) {
    const own = name === "class" ? value.startsWith(`${layer}:`) : ["org", "q", "place", "since"].includes(name) || (name === "status" && layer === "hazards");
    if (own && value) found.append(name, value);
  }
  return found;
}

const tiles = (layer) => {
  const path = data.tiles.replace("LAYER", layer).replace("LEVEL", data.level).replace("POSITION", data.position);
  return [`${location.origin}${path}?${tileQuery(layer)}`];
};
const shown = (layer) => Boolean(form.querySelector(`input[name="layer"][value="${layer}"]`)?.checked);

function sources() {
  const found = { graticule: { type: "geojson", data: empty }, measured: { type: "geojson", data: empty } };
  for (const one of data.basemaps.filter((each) => each.id === "land")) {
    found.land = { type: "vector", tiles: [`${location.origin}${data.base.replace("NAME", one.id)}`], minzoom: one.min, maxzoom: one.max };
  }
  for (const layer of data.layers) found[layer.id] = { type: "vector", tiles: tiles(layer.id), minzoom: 0, maxzoom: data.maxZoom };
  return found;
}

// -- showing
function applyDay() {
  for (const one of drawn(data)) if (map.getLayer(one.id)) map.setFilter(one.id, one.byDay(until));
}

function applyLayers() {
  for (const one of drawn(data)) if (map.getLayer(one.id)) map.setLayoutProperty(one.id, "visibility", shown(one.layer) ? "visible" : "none");
  const alone = document.querySelector("[data-released-alone]");
  if (alone) alone.hidden = !shown("released") || shown("hazards");
  const left = document.querySelector(".ground-left");
  if (left && alone && !alone.hidden) left.open = true;
}

function applyTiles() {
  for (const layer of data.layers) map.getSource(layer.id)?.setTiles(tiles(layer.id));
}

let waiting = 0;
function refresh(wait = 350) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const asked = query();
    history.replaceState(null, "", `${data.page}?${asked}`);
    document.getElementById("ground-still").href = `${data.still}?${asked}`;
    document.getElementById("ground-download").href = `${data.download}?${asked}`;
    window.htmx?.ajax("GET", `${data.list}?${asked}`, { target: "#ground-list", swap: "innerHTML" });
  }, wait);
}

function style() {
  const made = styleOf(data, sources(), until);
  for (const one of made.layers) if (one.metadata && !shown(one.metadata.layer)) one.layout = { ...one.layout, visibility: "none" };
  return made;
}

function addBasemap(id) {
  for (const name of ["base", "base-water", "base-lines", "base-built"]) if (map.getLayer(name)) map.removeLayer(name);
  if (map.getSource("base")) map.removeSource("base");
  const one = data.basemaps.find((each) => each.id === id);
  if (!one || one.id === "land") return;
  const source = { tiles: [`${location.origin}${data.base.replace("NAME", one.id)}`], minzoom: one.min, maxzoom: one.max, attribution: one.attribution };
  map.addSource("base", one.vector ? { type: "vector", ...source } : { type: "raster", tileSize: 256, ...source });
  if (!one.vector) { map.addLayer({ id: "base", type: "raster", source: "base" }, "graticule"); return; }
  // layers by the names that the usual schemas give them; borders are left out on purpose
  const layer = (name, type, from, paint) => from.forEach((each, n) => {
    const own = n ? `${name}-${n}` : name;
    if (map.getLayer(own)) map.removeLayer(own);
    map.addLayer({ id: own, type, source: "base", "source-layer": each, paint }, "graticule");
  });
  layer("base-water", "fill", ["water"], { "fill-color": getComputedStyle(stage).getPropertyValue("--ground-water") });
  layer("base-lines", "line", ["roads"], { "line-color": getComputedStyle(stage).getPropertyValue("--ground-road"), "line-width": 1 });
  layer("base-built", "fill", ["buildings"], { "fill-color": getComputedStyle(stage).getPropertyValue("--ground-road") });
}

// -- pointing: the list and the map light up together
let lit = null;
function light(layer, number, on = true) {
  if (lit) map.setFeatureState(lit, { lit: false });
  for (const row of document.querySelectorAll(".ground-row.lit")) row.classList.remove("lit");
  lit = on && layer ? { source: layer, sourceLayer: layer, id: number } : null;
  if (!lit) return;
  map.setFeatureState(lit, { lit: true });
  document.querySelector(`.ground-row[data-layer="${layer}"][data-number="${number}"]`)?.classList.add("lit");
}

function under(point) {
  const box = [[point.x - 3, point.y - 3], [point.x + 3, point.y + 3]];
  const ids = drawn(data).filter((one) => !one["source-layer"].endsWith("_dots") && map.getLayer(one.id)).map((one) => one.id);
  return map.queryRenderedFeatures(box, { layers: ids })[0] ?? null;
}

const featureAddress = (layer, number) => `${data.feature.replace("POSITION", data.position).replace("LAYER", layer)}${number}?at=${data.level}`;

function pointing(measure) {
  const where = document.getElementById("ground-where");
  const tell = (at) => { where.replaceChildren(...said(at.lat, at.lng).map((text) => Object.assign(document.createElement("span"), { textContent: text }))); };
  map.on("mousemove", (event) => {
    tell(event.lngLat);
    if (measure.on) return;
    const found = under(event.point);
    map.getCanvas().style.cursor = found ? "pointer" : "";
    if (found) light(found.source, found.id); else light(null, 0, false);
  });
  map.on("mouseout", () => { light(null, 0, false); tell(map.getCenter()); });
  map.on("move", () => tell(map.getCenter()));
  tell(map.getCenter());
  map.on("click", (event) => {
    if (measure.on) return;
    const found = under(event.point);
    if (found) window.htmx?.ajax("GET", featureAddress(found.source, found.id), { target: "#drawer", swap: "innerHTML" });
  });
  const list = document.getElementById("ground-list");
  const rowOf = (event) => event.target.closest?.(".ground-row");
  const point = (event) => { const row = rowOf(event); if (row) light(row.dataset.layer, Number(row.dataset.number)); };
  list.addEventListener("mouseover", point);
  list.addEventListener("focusin", point);
  list.addEventListener("mouseleave", () => light(null, 0, false));
  list.addEventListener("click", (event) => {
    const row = rowOf(event);
    if (!row || !event.target.closest("a")) return;
    const at = [Number(row.dataset.lon), Number(row.dataset.lat)];
    if (!map.getBounds().contains(at) || map.getZoom() < 11) map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 14) });
  });
  return tell;
}

// -- days
function days() {
  const slider = document.getElementById("ground-day");
  const told = document.getElementById("ground-date");
  const play = document.getElementById("ground-play");
  [slider.min, slider.max] = data.days;
  slider.value = until;
  let playing = 0;
  const set = (day) => {
    until = Math.max(data.days[0], Math.min(data.days[1], day));
    slider.value = until;
    told.textContent = isoOf(until);
    slider.setAttribute("aria-valuetext", told.textContent);
    const input = document.querySelector("form.cut input[name=until]");
    if (input) input.value = isoOf(until);
    requestAnimationFrame(applyDay);
    refresh(500);
  };
  const stop = () => { clearInterval(playing); playing = 0; play.setAttribute("aria-pressed", "false"); play.textContent = data.words.play; };
  slider.addEventListener("input", () => { stop(); set(Number(slider.value)); });
  document.getElementById("ground-back").addEventListener("click", () => { stop(); set(until - 1); });
  document.getElementById("ground-on").addEventListener("click", () => { stop(); set(until + 1); });
  play.addEventListener("click", () => {
    if (playing) { stop(); return; }
    play.setAttribute("aria-pressed", "true");
    play.textContent = data.words.stop;
    if (until >= data.days[1]) set(data.days[0]);
    const step = Math.max(1, Math.round((data.days[1] - data.days[0]) / 240));
    playing = setInterval(() => { if (until >= data.days[1]) stop(); else set(until + step); }, 150);
  });
}

// -- going to a place that somebody typed
function going(tell) {
  document.getElementById("ground-go").addEventListener("submit", async (event) => {
    event.preventDefault();
    const input = event.target.elements.text;
    const answer = await fetch(`${data.coordinates}?${new URLSearchParams({ text: input.value })}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) { input.setCustomValidity(data.words.notFound); input.reportValidity(); return; }
    const place = await answer.json();
    goTo(place.longitude, place.latitude);
    tell({ lat: place.latitude, lng: place.longitude });
  });
  document.getElementById("ground-place").addEventListener("input", (event) => event.target.setCustomValidity(""));
}

let marker = null;
function goTo(longitude, latitude, zoom = 15) {
  marker?.remove();
  const pin = Object.assign(document.createElement("div"), { className: "ground-pin" });
  marker = new gl.Marker({ element: pin }).setLngLat([longitude, latitude]).addTo(map);
  map.jumpTo({ center: [longitude, latitude], zoom: Math.max(zoom, map.getZoom()) });
}

// -- a newer map, while the page is open
function newer() {
  if (data.past) return;
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(data.state, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const found = await answer.json();
      if (found.position === data.position && found.sight === data.sight) return;
      // numbers of classes hold for one list of words; of another list the page knows nothing
      const known = (layer) => JSON.stringify(layer.classes.map((one) => one.id)) === JSON.stringify(found.classes[layer.id] ?? []);
      if (!data.layers.every(known)) { location.reload(); return; }
      Object.assign(data, { position: found.position, sight: found.sight });
      light(null, 0, false);
      applyTiles();
      refresh(0);
    } catch { /* no connection: the map that is there stays */ }
  }, 15000);
}

function begin() {
  const box = data.box.length === 4 ? [[data.box[0], data.box[1]], [data.box[2], data.box[3]]] : [[-170, -60], [170, 75]];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map = new gl.Map({
    container: stage, style: style(), bounds: box, fitBoundsOptions: { padding: data.boxAsked ? 0 : 30, animate: false }, maxZoom: 20, minZoom: 1,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: calm ? 0 : 150, localIdeographFontFamily: "sans-serif",
    locale: { "Map.Title": data.words.map }, renderWorldCopies: false,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new gl.NavigationControl({ showCompass: false }), document.dir === "rtl" ? "top-left" : "top-right");
  map.addControl(new gl.ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
  map.addControl(new gl.AttributionControl({ compact: true }));
  images(map);
  map.on("styleimagemissing", () => images(map));
  const measure = measuring(map, data.words);
  const tell = pointing(measure);
  days();
  going(tell);
  newer();
  map.on("load", () => {
    images(map);
    graticule(map);
    const asked = new URLSearchParams(location.search);
    const at = ["lon", "lat"].map((name) => Number.parseFloat(asked.get(name) ?? ""));
    if (at.every(Number.isFinite)) goTo(...at);
    stage.dataset.ready = "yes";
  });
  map.on("idle", () => { stage.dataset.idle = String(Number(stage.dataset.idle ?? 0) + 1); });
  map.on("moveend", () => { graticule(map); refresh(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); applyTiles(); applyLayers(); refresh(0); });
  form.addEventListener("change", (event) => {
    if (event.target.name === "layer") applyLayers(); else applyTiles();
    refresh(0);
  });
  document.getElementById("ground-base")?.addEventListener("change", (event) => addBasemap(event.target.value));
  const redraw = () => { map.setStyle(style()); map.once("styledata", () => { images(map); graticule(map); measure.redraw(); addBasemap(document.getElementById("ground-base")?.value); }); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.groundMap = map;
}

if (webgl()) begin(); else location.replace(`${data.still}?${query({ box: false })}`);
