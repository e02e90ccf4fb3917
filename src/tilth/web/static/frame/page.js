// Keys, and controls that act when they change. Every one of them also works as a plain form.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

let going = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    const drawer = document.getElementById("drawer");
    if (drawer && drawer.childElementCount) closeDrawer();
    return;
  }
  if (typing(event.target)) return;
  if (going) {
    going = false;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  if (event.key === "g") {
    going = true;
    setTimeout(() => { going = false; }, 1500);
    return;
  }
  const control = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (control) {
    event.preventDefault();
    if (control.matches("input, textarea, select")) control.focus();
    else control.click();
    return;
  }
  if (event.key === "j" || event.key === "k") moveRow(event.key === "j" ? 1 : -1);
});

// Rows of a list marked data-rows: j and k move the focus among links marked data-row.
function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const chosen = at < 0 ? rows.findIndex((row) => row.matches("[aria-current], [aria-selected=true]")) : at;
  const next = rows[Math.min(rows.length - 1, Math.max(0, chosen + step))];
  next.focus();
  if (next.hasAttribute("data-open")) next.click();
}

let opener = null;

document.addEventListener("click", (event) => {
  const to = event.target.closest("[hx-target='#drawer']");
  if (to) opener = to;
  if (event.target.closest("[data-close-drawer]")) {
    event.preventDefault();
    closeDrawer();
  }
});

function closeDrawer() {
  const drawer = document.getElementById("drawer");
  drawer.replaceChildren();
  if (opener && opener.isConnected) opener.focus();
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// An empty part of the cut is left out of the address, so that links stay short.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.cut")) return;
  for (const control of event.target.elements) {
    if (control.name && control.value === "") control.disabled = true;
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "drawer") {
    const heading = event.target.querySelector("h1, h2, [tabindex]");
    if (heading) {
      heading.setAttribute("tabindex", "-1");
      heading.focus({ preventScroll: true });
    }
  }
});

document.addEventListener("htmx:sendError", () => {
  const messages = document.getElementById("messages");
  const words = document.body.dataset.offline || "No connection. What you typed is still here; try again.";
  const line = document.createElement("p");
  line.className = "message warning";
  line.textContent = words;
  messages.replaceChildren(line);
});
