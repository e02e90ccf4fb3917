// Follows the proof of one statement from its own bytes to the signed head.
import { fromBase64, fromHex, headOf, leafHash, toHex, verifyInclusion, verifyNote } from "./merkle.js";

const line = document.querySelector("[data-proof-result]");
const one = JSON.parse(document.getElementById("proven").textContent);

async function check() {
  const leaf = await leafHash(fromBase64(one.header));
  const head = headOf(one.note);
  const inside = await verifyInclusion(leaf, one.index, one.size, one.proof.map(fromHex), fromHex(one.root));
  const signed = await verifyNote(one.note, one.verifier);
  const right = inside && toHex(leaf) === one.hash && head.size === one.size && head.root === one.root && head.origin === one.log;
  const words = !right || signed === false ? line.dataset.bad : signed === null ? line.dataset.unable : line.dataset.good;
  const said = document.createElement("strong");
  said.textContent = `${right && signed !== false ? "✓" : "✗"} ${words} `;
  line.prepend(said);
  line.classList.toggle("bad", !right || signed === false);
}

if (window.crypto?.subtle) check();
