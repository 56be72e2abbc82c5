// What a process has in its memory: looks for texts and bytes in it, in every way that a web view or a program may hold them. Linux,
// and only for whoever may read other processes.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const PAGE = 4096;
const AT_ONCE = 4 * 1024 * 1024;

/** How a text may stand in memory, or bytes that are no text. */
export function shapesOf(text) {
  const plain = Buffer.from(text, "utf8");
  const letters = typeof text === "string" ? text : plain.toString("latin1");
  const codes = Array.from(letters, (character) => character.codePointAt(0));
  return {
    // The same for the plain letters that are looked for here.
    "UTF-8 and Latin-1": plain,
    "UTF-16": Buffer.from(letters, "utf16le"),
    "numbers of 4 bytes": Buffer.from(Uint32Array.from(codes).buffer),
    "numbers of 8 bytes": Buffer.from(BigUint64Array.from(codes, BigInt).buffer),
    // As WebKit's engine keeps whole numbers in an array of anything.
    "numbers in boxes": Buffer.from(BigUint64Array.from(codes, (code) => 0xfffe_0000_0000_0000n + BigInt(code)).buffer),
    "numbers in JSON": Buffer.from(codes.join(",")),
    "base64": plain.subarray(0, plain.length - (plain.length % 3)).toString("base64"),
    hexadecimal: plain.toString("hex"),
  };
}

/**
 * How often each text stands in the memory of a process, and in which shape: `{ password: { "UTF-8": 2 } }`. A half of it counts
 * too, so that what was typed up to there or from there on is found.
 */
export function found(pid, texts) {
  const needles = Object.entries(texts).flatMap(([name, text]) => {
    const half = Math.ceil(text.length / 2);
    return [text.slice(0, half), text.slice(half)].flatMap((part) => Object.entries(shapesOf(part)).map(([shape, bytes]) => ({ name, shape, bytes: Buffer.from(bytes) })));
  });
  const seen = {};
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length));
  const search = searchFor(needles);
  for (const block of memory(pid, overlap)) {
    search(block, ({ name, shape }) => {
      seen[name] ??= {};
      seen[name][shape] = (seen[name][shape] ?? 0) + 1;
    });
  }
  return seen;
}

/** Looks for all of them at once: one way through a block, however many there are. */
function searchFor(needles) {
  // By two of their bytes: 0 is nobody, else one more than the place in `groups`.
  const pairs = new Uint16Array(0x1_0000);
  const groups = [];
  for (const needle of needles) {
    const from = rarePair(needle.bytes);
    const pair = needle.bytes.readUInt16BE(from);
    if (pairs[pair] === 0) pairs[pair] = groups.push([]);
    groups[pairs[pair] - 1].push({ ...needle, from, last: needle.bytes.length - 1 });
  }
  return (block, report) => {
    let pair = block[0];
    for (let at = 1; at < block.length; at += 1) {
      pair = ((pair & 0xff) << 8) | block[at];
      if (pairs[pair] === 0) continue;
      for (const needle of groups[pairs[pair] - 1]) {
        const start = at - 1 - needle.from;
        if (start < 0 || block[start + needle.last] !== needle.bytes[needle.last]) continue;
        if (block.subarray(start, start + needle.bytes.length).equals(needle.bytes)) report(needle);
      }
    }
  };
}

/** Where two bytes stand that are seldom in memory, which is full of zeros: a search by (0, 0) takes minutes. */
function rarePair(bytes) {
  const common = (byte) => Number(byte === 0 || byte === 0xff);
  let best = 0;
  for (let at = 1; at < bytes.length - 1; at += 1) {
    if (common(bytes[at]) + common(bytes[at + 1]) < common(bytes[best]) + common(bytes[best + 1])) best = at;
  }
  return best;
}

/** What is there of a process's memory, block by block; each begins with the end of the one before. */
function* memory(pid, overlap) {
  const [mem, pages] = [openSync(`/proc/${pid}/mem`), openSync(`/proc/${pid}/pagemap`)];
  try {
    for (const { from, to } of mappings(pid)) {
      for (let start = from; start < to; start += AT_ONCE) {
        const end = Math.min(to, start + AT_ONCE);
        if (!isThere(pages, start, end)) continue;
        const first = Math.max(from, start - overlap);
        const block = Buffer.alloc(end - first);
        const length = tryRead(mem, block, first);
        if (length > 0) yield block.subarray(0, length);
      }
    }
  } finally {
    closeSync(mem);
    closeSync(pages);
  }
}

/** Mappings of which a part is in memory or in swap. The rest was never touched. */
function mappings(pid) {
  const all = [];
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line);
    if (range) all.push({ from: parseInt(range[1], 16), to: parseInt(range[2], 16), kib: 0 });
    else if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) all.push({ from: 0, to: 0, kib: 0 });
    const kib = /^(?:Rss|Swap): +(\d+) kB/.exec(line);
    if (kib) all.at(-1).kib += Number(kib[1]);
  }
  return all.filter(({ to, kib }) => to > 0 && kib > 0);
}

/** Whether one of the pages is in memory or in swap: the two highest bits of its entry. */
function isThere(pages, start, end) {
  const entries = Buffer.alloc(((end - start) / PAGE) * 8);
  const length = tryRead(pages, entries, (start / PAGE) * 8);
  for (let at = 7; at < length; at += 8) if (entries[at] & 0xc0) return true;
  return false;
}

/** How much could be read. A mapping may go while it is looked at. */
function tryRead(file, into, position) {
  try {
    return readSync(file, into, 0, into.length, position);
  } catch {
    return 0;
  }
}
