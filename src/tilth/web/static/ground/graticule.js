// Meridians and parallels of round degrees, drawn by the browser for what is in sight.
export function graticule(map) {
  const bounds = map.getBounds();
  const [west, south, east, north] = [bounds.getWest(), Math.max(-85, bounds.getSouth()), bounds.getEast(), Math.min(85, bounds.getNorth())];
  const wanted = Math.max((east - west) / 6, 1e-5);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = power * [1, 2, 5, 10].find((one) => power * one >= wanted);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const words = (value, signs) => `${Math.abs(value).toFixed(digits)}° ${signs[Number(value < 0)]}`;
  const features = [];
  const line = (coordinates) => features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } });
  const word = (coordinates, t, a) => features.push({ type: "Feature", properties: { t, a }, geometry: { type: "Point", coordinates } });
  for (let n = Math.ceil(west / step); n <= Math.floor(east / step); n += 1) {
    line([[n * step, south], [n * step, north]]);
    word([n * step, south], words(n * step, "EW"), "bottom");
  }
  for (let n = Math.ceil(south / step); n <= Math.floor(north / step); n += 1) {
    line([[west, n * step], [east, n * step]]);
    word([west, n * step], words(n * step, "NS"), "left");
  }
  map.getSource("graticule")?.setData({ type: "FeatureCollection", features });
}
