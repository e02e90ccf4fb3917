// Opens a report beside the list where there is room, and remembers marks as they are made.
// Without this every row is a link, and marks are sent with the buttons.
const wide = matchMedia("(min-width: 64rem)");
const pane = document.getElementById("pane");
const form = document.getElementById("inbox-form");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-row]");
  if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});

function open(link) {
  const address = new URL(link.href);
  for (const row of document.querySelectorAll(".inbox-row")) row.classList.toggle("selected", row.contains(link));
  for (const one of document.querySelectorAll("a[data-row][aria-current]")) one.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  history.replaceState(null, "", address);
  address.searchParams.set("part", "pane");
  window.htmx.ajax("GET", address.pathname + address.search, { target: "#pane", swap: "innerHTML" }).then(() => {
    pane.scrollTop = 0;
  });
}

// The list's own search before that of the head.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const search = document.querySelector("[data-inbox-search]");
  if (!search) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  search.focus();
  search.select();
}, true);

if (form) {
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-mark]")) return;
    window.htmx.ajax("POST", form.dataset.mark, { source: form, target: "#inbox-marked", swap: "innerHTML" });
  });
}
