// A shape in a form: its measures as one types, and the map to draw on when it is asked for.
const page = document.querySelector(".say");
const form = page && page.querySelector("form.say-form");

function fieldsOf(set) {
  const name = set.dataset.shape;
  const data = new FormData();
  for (const [key, value] of new FormData(form)) {
    const own = key === `f-${name}` || key.startsWith(`f-${name}-`) || key === `n-${name}-legs`;
    const shared = ["csrfmiddlewaretoken", "kind", "record", "north", "declination", "crs", "f-happened_on", "on"].includes(key);
    if ((own || shared) && typeof value === "string") data.append(key, value);
  }
  data.append("field", name);
  return data;
}

const area = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2, numberingSystem: "latn" });

function tell(set, answer) {
  const line = set.querySelector(".measured");
  const words = line.dataset;
  const parts = [];
  if (answer.area_m2 !== undefined) parts.push(`${words.area} ${answer.said}`);
  if (answer.perimeter_m !== undefined) parts.push(`${words.perimeter} ${area.format(answer.perimeter_m)} m`);
  if (answer.length_m !== undefined) parts.push(`${words.length} ${area.format(answer.length_m)} m`);
  if (answer.points > 1) parts.push(`${answer.points} ${words.points}`);
  const gap = answer.entered && answer.entered.misclosure_m;
  if (gap) parts.push(`${words.misclosure} ${gap} m (${words.oneIn} ${answer.entered.misclosure_ratio})`);
  line.textContent = parts.join(" · ");
  for (const one of answer.overlaps || []) {
    const said = document.createElement("span");
    said.className = "bad";
    said.textContent = `${words.shares} ${one.local_id} (${one.author}): ${one.said}`;
    line.append(said);
  }
  for (const one of [...(answer.problems || []), ...(answer.warnings || [])]) {
    const said = document.createElement("span");
    said.className = "bad";
    said.textContent = `${one.what} ${one.fix}`;
    line.append(said);
  }
}

export async function measure(set) {
  const turn = (Number(set.dataset.turn) || 0) + 1;
  set.dataset.turn = turn;
  try {
    const response = await fetch(set.dataset.measure, { method: "POST", body: fieldsOf(set), headers: { "X-Requested-With": "fetch" } });
    const answer = await response.json();
    if (Number(set.dataset.turn) !== turn) return null;
    tell(set, answer);
    return answer;
  } catch {
    return null;
  }
}

for (const set of page ? page.querySelectorAll("[data-shape]") : []) {
  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const answer = await measure(set);
      if (answer && set.drawing && answer.geojson) set.drawing.show(answer.geojson);
    }, 400);
  };
  set.addEventListener("input", (event) => {
    if (!event.target.closest(".draw")) later();
  });
  if (set.querySelector("textarea").value.trim() || set.querySelector(".legs")) measure(set);
  const button = set.querySelector("[data-draw]");
  if (!button) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const { open } = await import(page.dataset.draw);
    set.drawing = await open(set, page.dataset, measure);
    button.hidden = Boolean(set.drawing);
    button.disabled = false;
  });
}

const first = document.getElementById("problems") || document.getElementById("look");
if (first) first.focus({ preventScroll: false });
