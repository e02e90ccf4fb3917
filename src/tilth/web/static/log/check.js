// Recomputes every root from the leaves, and checks each signature, here in the browser.
import { Frontier, fromHex, headOf, toHex, verifyConsistency, verifyNote } from "./merkle.js";

const section = document.querySelector("[data-logs-check]");
const words = section.dataset;
const says = section.querySelector("[data-says]");
const button = section.querySelector("[data-check-all]");
const logs = JSON.parse(document.getElementById("logs").textContent);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

async function checkOne(line, row) {
  const result = row.querySelector("[data-result]");
  const head = headOf(line.note);
  const tree = new Frontier();
  while (tree.size < head.size) {
    const before = tree.size;
    const answer = await fetch(`/log/leaves/${line.log}?start=${tree.size}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const bytes = new Uint8Array(await answer.arrayBuffer());
    for (let at = 0; at < bytes.length && tree.size < head.size; at += 32) {
      await tree.add(bytes.slice(at, at + 32));
      if (tree.size % 4096 === 0) result.textContent = fill(words.working, { done: tree.size, all: head.size });
    }
    if (tree.size === before) break;
  }
  const whole = tree.size === head.size && head.origin === line.log && toHex(await tree.root()) === head.root;
  const signed = await verifyNote(line.note, line.verifier);
  const parts = [whole ? fill(words.good, { all: head.size }) : words.bad];
  if (signed !== null) parts.push(signed ? words.signed : words.unsigned);
  else says.textContent = words.unable;
  result.textContent = `${whole && signed !== false ? "✓" : "✗"} ${parts.join(" · ")}`;
  result.classList.toggle("bad", !whole || signed === false);
}

async function checkAll() {
  button.disabled = true;
  try {
    for (const line of logs) {
      await checkOne(line, section.querySelector(`[data-log="${CSS.escape(line.log)}"]`));
    }
  } catch {
    says.textContent = words.lost;
  }
  button.disabled = false;
}

async function checkOlder() {
  const value = document.getElementById("older-value");
  if (!value) return;
  const one = JSON.parse(value.textContent);
  const right = await verifyConsistency(one.old_size, fromHex(one.old_root), one.size, fromHex(one.root), one.proof.map(fromHex));
  document.querySelector("[data-older-result]").textContent = right ? "✓ RFC 9162 §2.1.4.2" : `✗ ${words.bad}`;
}

if (window.crypto?.subtle) {
  button.hidden = false;
  button.addEventListener("click", checkAll);
  checkOlder();
}
