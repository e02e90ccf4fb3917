// Measuring: corners by clicks, the length along them and, from three on, the area they enclose.
import { area, distance } from "./places.js";

const grouped = (value, digits = 0) => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

export function lengthWords(metres, words) {
  return metres < 10000 ? `${grouped(metres, metres < 100 ? 1 : 0)} ${words.metres}` : `${grouped(metres / 1000, 2)} ${words.kilometres}`;
}

export function areaWords(m2) {
  if (m2 < 10000) return `${grouped(m2)} m²`;
  return m2 < 1e7 ? `${grouped(m2 / 10000, 2)} ha` : `${grouped(m2 / 1e6, 2)} km²`;
}

export function measuring(map, words) {
  const button = document.getElementById("ground-measure");
  const told = document.getElementById("ground-measured");
  let corners = [], on = false;
  const draw = () => {
    const features = corners.map((one) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: one } }));
    if (corners.length > 1) features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: corners.length > 2 ? [...corners, corners[0]] : corners } });
    if (corners.length > 2) features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...corners, corners[0]]] } });
    map.getSource("measured")?.setData({ type: "FeatureCollection", features });
    if (!on) return;
    const along = corners.slice(1).reduce((sum, one, n) => sum + distance(corners[n], one), 0);
    const parts = corners.length < 2 ? [words.measuring] : [`${words.length} ${lengthWords(along, words)}`];
    if (corners.length > 2) parts.push(`${words.area} ${areaWords(area(corners))}`);
    told.textContent = parts.join(" · ");
  };
  const turn = (state) => {
    on = state;
    button.setAttribute("aria-pressed", String(on));
    told.hidden = !on;
    map.getCanvas().style.cursor = on ? "crosshair" : "";
    if (!on) corners = [];
    draw();
  };
  button.addEventListener("click", () => turn(!on));
  map.on("click", (event) => { if (on) { corners.push([event.lngLat.lng, event.lngLat.lat]); draw(); } });
  document.addEventListener("keydown", (event) => {
    if (!on || event.target.closest("input, select, textarea")) return;
    if (event.key === "Escape") { event.stopImmediatePropagation(); corners.length ? (corners = [], draw()) : turn(false); }
    if (event.key === "Backspace") { corners.pop(); draw(); }
    if (event.key === "Enter" && document.activeElement === map.getCanvas()) {
      const middle = map.getCenter();
      corners.push([middle.lng, middle.lat]);
      draw();
    }
  }, true);
  return { get on() { return on; }, redraw: draw };
}
