// The code of a one-time link stands behind "#": it is moved into the form and out of the address.
const form = document.querySelector("[data-link]");
const code = decodeURIComponent(location.hash.slice(1));
if (form && code) {
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname);
  form.querySelector("button").focus();
}
