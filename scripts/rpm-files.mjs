// Prints the files in an .rpm, one a line, from its header alone: no rpm has to be installed. Format: rpm.org, "RPM V4 package format".
import { readFileSync } from "node:fs";

const LEAD_BYTES = 96;
const HEADER_MAGIC = 0x8eade801;
const [DIR_INDEXES, BASE_NAMES, DIR_NAMES] = [1116, 1117, 1118];
const [INT32, STRING_ARRAY] = [4, 8];

/** The entries of a header and where it ends. */
function readHeader(bytes, at) {
  if (bytes.readUInt32BE(at) !== HEADER_MAGIC) throw new Error(`there is no header at ${at}`);
  const [count, size] = [bytes.readUInt32BE(at + 8), bytes.readUInt32BE(at + 12)];
  const store = at + 16 + count * 16;
  const entries = new Map();
  for (let number = 0; number < count; number += 1) {
    const entry = at + 16 + number * 16;
    entries.set(bytes.readUInt32BE(entry), { type: bytes.readUInt32BE(entry + 4), start: store + bytes.readUInt32BE(entry + 8), count: bytes.readUInt32BE(entry + 12) });
  }
  return { entries, end: store + size };
}

function values(bytes, { type, start, count }) {
  if (type === INT32) return Array.from({ length: count }, (_, number) => bytes.readUInt32BE(start + number * 4));
  if (type !== STRING_ARRAY) throw new Error(`nobody expects a value of type ${type} here`);
  const texts = [];
  for (let at = start; texts.length < count; at += 1) {
    const end = bytes.indexOf(0, at);
    texts.push(bytes.toString("utf8", at, end));
    at = end;
  }
  return texts;
}

const bytes = readFileSync(process.argv[2]);
// The signature comes first and is filled up to eight bytes.
const signature = readHeader(bytes, LEAD_BYTES);
const { entries } = readHeader(bytes, Math.ceil(signature.end / 8) * 8);
const [folders, names, of] = [DIR_NAMES, BASE_NAMES, DIR_INDEXES].map((tag) => values(bytes, entries.get(tag)));
names.forEach((name, at) => console.log(folders[of[at]] + name));
