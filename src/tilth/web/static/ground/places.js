// Places and lengths on the WGS 84 ellipsoid, in the browser: UTM, MGRS, distance, area.
const A = 6378137, F = 1 / 298.257223563, E2 = F * (2 - F), K0 = 0.9996;
const rad = (degrees) => degrees * Math.PI / 180;
const BANDS = "CDEFGHJKLMNPQRSTUVWX";

function zoneOf(lat, lon) {
  if (lat >= 56 && lat < 64 && lon >= 3 && lon < 12) return 32;
  if (lat >= 72 && lon >= 0 && lon < 42) return 31 + 2 * Math.floor((lon + 3) / 12);
  return Math.floor((lon + 180) / 6) + 1;
}

// Transverse Mercator by Krüger's series to the third order of n: Karney (2011), eqs. 7-9 and 35.
const N = F / (2 - F);
const RADIUS = A / (1 + N) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [N / 2 - 2 * N ** 2 / 3 + 5 * N ** 3 / 16, 13 * N ** 2 / 48 - 3 * N ** 3 / 5, 61 * N ** 3 / 240];

export function utm(lat, lon) {
  if (lat < -80 || lat >= 84 || Math.abs(lon) > 180) return null;
  const zone = zoneOf(lat, Math.min(lon, 179.9999999)), band = BANDS[Math.min(19, Math.floor((lat + 80) / 8))];
  const phi = rad(lat), turn = rad(lon - (zone * 6 - 183)), e = Math.sqrt(E2);
  const t = Math.sinh(Math.atanh(Math.sin(phi)) - e * Math.atanh(e * Math.sin(phi)));
  const xi = Math.atan2(t, Math.cos(turn)), eta = Math.asinh(Math.sin(turn) / Math.hypot(t, Math.cos(turn)));
  let x = eta, y = xi;
  ALPHA.forEach((a, k) => {
    x += a * Math.cos(2 * (k + 1) * xi) * Math.sinh(2 * (k + 1) * eta);
    y += a * Math.sin(2 * (k + 1) * xi) * Math.cosh(2 * (k + 1) * eta);
  });
  return { zone, band, east: 500000 + K0 * RADIUS * x, north: (lat < 0 ? 1e7 : 0) + K0 * RADIUS * y };
}

const COLUMNS = ["ABCDEFGH", "JKLMNPQR", "STUVWXYZ"], ROWS = "ABCDEFGHJKLMNPQRSTUV";

export function mgrs(at) {
  if (!at) return "";
  const column = COLUMNS[(at.zone - 1) % 3][Math.floor(at.east / 1e5) - 1];
  const row = ROWS[(Math.floor(at.north / 1e5) + (at.zone % 2 ? 0 : 5)) % 20];
  const digits = (value) => String(Math.floor(value % 1e5)).padStart(5, "0");
  return `${at.zone}${at.band} ${column}${row} ${digits(at.east)} ${digits(at.north)}`;
}

export function said(lat, lon) {
  const at = utm(lat, lon);
  const degrees = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  if (!at) return [degrees];
  return [degrees, `${at.zone}${at.band} ${Math.floor(at.east)} ${Math.floor(at.north)}`, mgrs(at)];
}

// Geodesic by Vincenty's inverse formula (Survey Review 176, 1975); metres.
export function distance([lon1, lat1], [lon2, lat2]) {
  const b = A * (1 - F), span = rad(lon2 - lon1);
  const u1 = Math.atan((1 - F) * Math.tan(rad(lat1))), u2 = Math.atan((1 - F) * Math.tan(rad(lat2)));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let turn = span, before, sine = 0, cosine = 1, sigma = 0, square = 1, middle = 0, left = 100;
  do {
    sine = Math.hypot(c2 * Math.sin(turn), c1 * s2 - s1 * c2 * Math.cos(turn));
    if (sine === 0) return 0;
    cosine = s1 * s2 + c1 * c2 * Math.cos(turn);
    sigma = Math.atan2(sine, cosine);
    const alpha = c1 * c2 * Math.sin(turn) / sine;
    square = 1 - alpha * alpha;
    middle = square === 0 ? 0 : cosine - 2 * s1 * s2 / square;
    const c = F / 16 * square * (4 + F * (4 - 3 * square));
    before = turn;
    turn = span + (1 - c) * F * alpha * (sigma + c * sine * (middle + c * cosine * (2 * middle * middle - 1)));
  } while (Math.abs(turn - before) > 1e-12 && --left);
  const k = square * (A * A - b * b) / (b * b);
  const p = 1 + k / 16384 * (4096 + k * (-768 + k * (320 - 175 * k)));
  const q = k / 1024 * (256 + k * (-128 + k * (74 - 47 * k)));
  const off = q * sine * (middle + q / 4 * (cosine * (2 * middle * middle - 1) - q / 6 * middle * (4 * sine * sine - 3) * (4 * middle * middle - 3)));
  return b * p * (sigma - off);
}

// Area on the authalic sphere (Snyder, USGS PP 1395, eqs. 3-11, 3-12); edges run straight on its
// cylindrical equal-area map, which at the size of a field is the geodesic to a few parts in 10^5.
const e = Math.sqrt(E2);
const q = (lat) => { const s = Math.sin(rad(lat)); return (1 - E2) * (s / (1 - E2 * s * s) + Math.atanh(e * s) / e); };

export function area(ring) {
  let sum = 0;
  ring.forEach(([lon, lat], n) => {
    const [lon2, lat2] = ring[(n + 1) % ring.length];
    sum += rad(lon2 - lon) * (q(lat) + q(lat2)) / 2;
  });
  return Math.abs(sum) * A * A / 2;
}
