// The map drawn by the server: printing, and filters that act when they change.
const button = document.querySelector("[data-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
document.getElementById("ground-filter")?.addEventListener("change", (event) => event.target.form.requestSubmit());
