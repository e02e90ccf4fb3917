// The sums of RFC 9162 and of C2SP signed notes, done in the reader's browser.
const encoder = new TextEncoder();

export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16));
export const toHex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
export const fromBase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const equal = (a, b) => a.length === b.length && a.every((one, at) => one === b[at]);

export async function sha256(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

export const leafHash = (data) => sha256(Uint8Array.of(0), data);
export const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

// A growing tree: the peaks of RFC 9162 §2.1, as core/merkle.py keeps them.
export class Frontier {
  constructor() {
    this.size = 0;
    this.peaks = [];
  }

  async add(leaf) {
    let node = leaf;
    for (let filled = this.size; filled & 1; filled >>>= 1) node = await nodeHash(this.peaks.pop(), node);
    this.peaks.push(node);
    this.size += 1;
  }

  async root() {
    if (!this.peaks.length) return sha256();
    let node = this.peaks[this.peaks.length - 1];
    for (let at = this.peaks.length - 2; at >= 0; at -= 1) node = await nodeHash(this.peaks[at], node);
    return node;
  }
}

// RFC 9162 §2.1.3.2
export async function verifyInclusion(leaf, index, size, proof, root) {
  if (index < 0 || index >= size) return false;
  let place = index;
  let last = size - 1;
  let node = leaf;
  for (const step of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      node = await nodeHash(step, node);
      while (place % 2 === 0 && place) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else {
      node = await nodeHash(node, step);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equal(node, root);
}

// RFC 9162 §2.1.4.2
export async function verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof) {
  if (oldSize === newSize) return !proof.length && equal(oldRoot, newRoot);
  if (oldSize === 0) return !proof.length;
  let place = oldSize - 1;
  let last = newSize - 1;
  while (place % 2 === 1) {
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  const steps = place ? [...proof] : [oldRoot, ...proof];
  let older = steps.shift();
  let newer = older;
  if (!older) return false;
  for (const step of steps) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      older = await nodeHash(step, older);
      newer = await nodeHash(step, newer);
      while (place % 2 === 0 && place) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else {
      newer = await nodeHash(newer, step);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equal(older, oldRoot) && equal(newer, newRoot);
}

// A C2SP signed note by a verifier key "name+hash+base64(type, key)":
// true, false, or null where the browser cannot check Ed25519.
export async function verifyNote(note, verifier) {
  const cut = note.indexOf("\n\n");
  const text = note.slice(0, cut + 1);
  const [name, hash, ...rest] = verifier.split("+");
  const key = fromBase64(rest.join("+")).slice(1);
  for (const line of note.slice(cut + 2).split("\n")) {
    if (!line.startsWith(`— ${name} `)) continue;
    const bytes = fromBase64(line.slice(name.length + 3));
    if (toHex(bytes.slice(0, 4)) !== hash) continue;
    try {
      const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, imported, bytes.slice(4), encoder.encode(text));
    } catch {
      return null;
    }
  }
  return false;
}

// Origin, size and root that a note's text states.
export function headOf(note) {
  const [origin, size, root] = note.split("\n");
  return { origin, size: Number(size), root: toHex(fromBase64(root)) };
}
