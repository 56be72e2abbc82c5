// What is secret in a private key's file, taken apart, so that a test can look for it where it must not be.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const LINE = 70;

/** What must be found nowhere of an Ed25519 key that lies open in its file: the seed, what is made of it to sign with, and the lines of text that hold it. */
export function partsOf(path, name) {
  const { text, bytes } = read(path);
  const at = seedIn(bytes);
  const seed = bytes.subarray(at, at + 32);
  const hash = createHash("sha512").update(seed).digest();
  return {
    [`${name}: seed`]: seed,
    // The first and the last byte of the scalar are changed before it is used; what is between them is in both.
    [`${name}: scalar`]: hash.subarray(1, 31),
    [`${name}: scalar, reduced`]: reduced(hash.subarray(0, 32)),
    [`${name}: nonce`]: hash.subarray(32),
    ...linesOf(text, at, at + 32, name),
  };
}

/** The lines of text that hold the locked half of a key's file. */
export function lockedPartsOf(path, name) {
  const { text, bytes } = read(path);
  return linesOf(text, bytes.length - 96, bytes.length, name);
}

function read(path) {
  const text = readFileSync(path, "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("-----")).join("");
  return { text, bytes: Buffer.from(text, "base64") };
}

/** Behind the two numbers that are the same, the kind, the public half and the length of both halves. */
function seedIn(bytes) {
  const kind = Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0 ", "latin1");
  const at = bytes.lastIndexOf(kind) + kind.length + 32 + 4;
  if (bytes.readUInt32BE(at - 4) !== 64) throw new Error("it is no Ed25519 key that lies open");
  return at;
}

/** The characters of base64 that stand for some bytes, as the file breaks them into lines. */
function linesOf(text, from, to, name) {
  const [first, last] = [Math.ceil((from * 4) / 3), Math.floor((to * 4) / 3)];
  const parts = {};
  for (let line = Math.floor(first / LINE); line * LINE < last; line += 1) {
    const part = text.slice(Math.max(first, line * LINE), Math.min(last, (line + 1) * LINE));
    // A few characters may stand anywhere.
    if (part.length >= 16) parts[`${name}: line ${line + 1}`] = part;
  }
  return parts;
}

/** The scalar as a library keeps it: with its bits set, less the group's order as often as it goes. */
function reduced(scalar) {
  const bytes = Buffer.from(scalar);
  bytes[0] &= 248;
  bytes[31] = (bytes[31] & 127) | 64;
  const left = BigInt(`0x${bytes.reverse().toString("hex")}`) % ORDER;
  return Buffer.from(left.toString(16).padStart(64, "0"), "hex").reverse();
}
