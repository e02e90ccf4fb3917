// Curves over time at each level, drawn by uPlot: direct labels, honest zero, the gap between
// what is said and what is approved as a band. Every value is in the table behind it too.
const COLOURS = { released: "--cleared", cleared: "--cleared", remaining: "--remaining", found: "--items", destroyed: "--items" };
const STROKES = { reported: { width: 1.25, dash: [2, 3] }, verified: { width: 1.5, dash: [7, 4] }, approved: { width: 2.5, dash: [] } };

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const isoDay = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);

function numberText(value, factor, unit, places = factor === 1 ? 0 : 2) {
  if (value === null || value === undefined) return "–";
  const text = (value / factor).toLocaleString("en-GB", { minimumFractionDigits: places, maximumFractionDigits: places }).replaceAll(",", "\u202f");
  return unit ? `${text} ${unit}` : text;
}

class Curve {
  constructor(box) {
    this.box = box;
    this.canvas = box.querySelector(".curve-canvas");
    this.says = box.querySelector(".curve-says");
    this.term = "released";
    this.plot = null;
    this.canvas.addEventListener("keydown", (event) => this.move(event));
    new ResizeObserver(() => this.fit()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  async load(term) {
    this.term = term;
    const address = new URL(this.box.dataset.values, location.href);
    address.searchParams.set("term", term);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || term !== this.term) return;
    this.values = await answer.json();
    this.draw();
  }

  fit() {
    if (this.plot) this.plot.setSize({ width: this.canvas.clientWidth, height: this.canvas.clientHeight });
  }

  draw() {
    if (this.plot) this.plot.destroy();
    this.plot = null;
    this.canvas.replaceChildren();
    const { days, levels, unit, factor } = this.values;
    if (!days.length) {
      this.says.textContent = this.box.dataset.nothing;
      return;
    }
    const names = Object.keys(STROKES).filter((name) => levels[name]);
    const colour = token(COLOURS[this.term]);
    const quiet = token("--quiet");
    const line = token("--line");
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: quiet, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const words = names.map((name) => this.box.dataset[name]);
    const labelRoom = this.canvas.clientWidth > 520 ? 110 : 12;
    const [low, high] = [names.indexOf("approved"), names.indexOf("reported")];
    const options = {
      width: this.canvas.clientWidth,
      height: this.canvas.clientHeight,
      padding: [12, labelRoom, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
      scales: { x: { time: false }, y: { range: (_, least, most) => [0, most > 0 ? most * 1.05 : 1] } },
      axes: [
        { ...axis, space: 80, values: (_, ticks) => ticks.map((one) => isoDay(one).slice(0, 7)), splits: (plot) => monthSplits(plot, days) },
        { ...axis, size: 74, values: (_, ticks) => ticks.map((one) => numberText(one, factor, unit, ticks.some((tick) => (tick / factor) % 1) ? 2 : 0)) },
      ],
      series: [{}, ...names.map((name) => ({ label: name, stroke: colour, width: STROKES[name].width, dash: STROKES[name].dash, points: { show: days.length < 3 } }))],
      bands: low >= 0 && high >= 0 ? [{ series: [high + 1, low + 1], fill: fade(colour) }, { series: [low + 1, high + 1], fill: fade(colour) }] : [],
      hooks: { draw: [(plot) => label(plot, words, labelRoom > 12, font)], setCursor: [(plot) => this.say(plot, names, words)] },
    };
    this.plot = new globalThis.uPlot(options, [days, ...names.map((name) => levels[name])], this.canvas);
    this.at = days.length - 1;
    this.tell(this.at, names, words);
  }

  say(plot, names, words) {
    if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) this.tell(plot.cursor.idx, names, words);
  }

  tell(at, names, words) {
    const { days, levels, unit, factor } = this.values;
    this.at = at;
    const told = [isoDay(days[at]), ...names.map((name, n) => `${words[n]} ${numberText(levels[name][at], factor, unit)}`)];
    this.says.replaceChildren(...told.map((one) => {
      const part = document.createElement("bdi");
      part.textContent = one;
      return part;
    }));
  }

  move(event) {
    if (!this.plot || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const last = this.values.days.length - 1;
    const step = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: last }[event.key];
    const at = Math.min(last, Math.max(0, step));
    this.plot.setCursor({ left: this.plot.valToPos(this.values.days[at], "x"), top: 10 });
  }
}

function fade(colour) {
  return /^#[0-9a-f]{6}$/i.test(colour) ? `${colour}29` : "transparent";
}

// The first day of every so many months, as many as there is room for.
function monthSplits(plot, days) {
  const first = new Date(days[0] * 1000);
  const last = days[days.length - 1];
  const room = Math.max(2, Math.floor(plot.bbox.width / devicePixelRatio / 80));
  const months = (last - days[0]) / (30.44 * 86400);
  const step = [1, 2, 3, 6, 12, 24, 60].find((one) => months / one <= room) || 120;
  const splits = [];
  for (let n = 0; n < 1200; n += step) {
    const at = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1 + n, 1) / 1000;
    if (at > last) break;
    splits.push(at);
  }
  return splits;
}

// Names of the levels at the ends of their curves, pushed apart where they would touch.
function label(plot, words, beside, font) {
  const ratio = devicePixelRatio;
  const context = plot.ctx;
  context.save();
  context.font = font.replace("12px", `${12 * ratio}px`);
  context.fillStyle = token("--ink");
  context.textBaseline = "middle";
  context.textAlign = "left";
  const places = words.map((word, n) => {
    const values = plot.data[n + 1];
    return { word, y: plot.valToPos(values[values.length - 1], "y", true) };
  }).sort((a, b) => a.y - b.y);
  for (let n = 1; n < places.length; n += 1) places[n].y = Math.max(places[n].y, places[n - 1].y + 15 * ratio);
  const over = places.length ? places[places.length - 1].y - (plot.bbox.top + plot.bbox.height) : 0;
  if (beside) for (const one of places) context.fillText(one.word, plot.bbox.left + plot.bbox.width + 6 * ratio, one.y - Math.max(0, over));
  else {
    context.textAlign = "right";
    for (const one of places) context.fillText(one.word.slice(0, 1), plot.bbox.left + plot.bbox.width + 11 * ratio, one.y - Math.max(0, over));
  }
  context.restore();
}

function begin(root) {
  const box = root.querySelector("[data-curve]:not([data-begun])");
  if (!box || !globalThis.uPlot) return;
  box.dataset.begun = "";
  const panel = box.closest(".curves");
  const curve = new Curve(box);
  const choices = [...panel.querySelectorAll("[data-term]")];
  const pageLink = panel.querySelector("[data-curve-page]");
  const tableLink = panel.querySelector("[data-curve-table]");
  const choose = (choice) => {
    for (const one of choices) one.toggleAttribute("aria-current", one === choice);
    choice.setAttribute("aria-current", "true");
    for (const link of [pageLink, tableLink]) link.href = link.href.replace(/term=\w+/, `term=${choice.dataset.term}`);
    pageLink.setAttribute("hx-get", pageLink.getAttribute("href"));
    if (globalThis.htmx) globalThis.htmx.process(pageLink);
    curve.load(choice.dataset.term);
  };
  for (const choice of choices) {
    choice.addEventListener("click", (event) => {
      event.preventDefault();
      choose(choice);
    });
  }
  curve.load("released");
}

begin(document);
document.addEventListener("htmx:afterSettle", () => begin(document));
