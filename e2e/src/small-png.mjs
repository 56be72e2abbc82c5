// Makes a picture of the screen small: at most 256 colours, the ones that are there most, and everything else the nearest of them.
import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;
/** Colours that differ by less, in the sum of their squares, are one to the eye. */
const ALIKE = 40;

/** The same picture as a PNG with a palette. Takes what a browser writes: 8 bits a channel, not interlaced. */
export function smallPng(png) {
  const { width, height, pixels } = decode(png);
  const palette = choosePalette(pixels);
  return encode(width, height, indexed(pixels, palette), palette);
}

function* chunks(png) {
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

/** Width, height, and one number of 24 bits a pixel. */
function decode(png) {
  let head;
  const parts = [];
  for (const { type, data } of chunks(png)) {
    if (type === "IHDR") head = data;
    if (type === "IDAT") parts.push(data);
  }
  const [width, height, depth, kind, , , interlaced] = [head.readUInt32BE(0), head.readUInt32BE(4), ...head.subarray(8)];
  if (depth !== 8 || (kind !== 2 && kind !== 6) || interlaced) throw new Error("this PNG has another form than a browser's");
  const bytes = kind === 6 ? 4 : 3;
  const raw = unfiltered(inflateSync(Buffer.concat(parts)), width * bytes, height, bytes);
  const pixels = new Uint32Array(width * height);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = raw.readUIntBE(at * bytes, 3);
  return { width, height, pixels };
}

/** Undoes the filters of a PNG, line by line. */
function unfiltered(data, stride, height, bytes) {
  const out = Buffer.alloc(stride * height);
  for (let line = 0; line < height; line += 1) {
    const filter = data[line * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = line * stride + x;
      const left = x >= bytes ? out[at - bytes] : 0;
      const above = line > 0 ? out[at - stride] : 0;
      const corner = x >= bytes && line > 0 ? out[at - stride - bytes] : 0;
      out[at] = data[line * (stride + 1) + 1 + x] + guess(filter, left, above, corner);
    }
  }
  return out;
}

function guess(filter, left, above, corner) {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  if (filter !== 4) return 0;
  const [toLeft, toAbove, toCorner] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

const distance = (a, b) => ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;

/** The commonest colours; of those that look alike only the commonest, until all others have their place. */
function choosePalette(pixels) {
  const counts = new Map();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const common = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  if (common.length <= MOST_COLOURS) return common;
  const palette = [];
  for (const colour of common) {
    if (palette.length === MOST_COLOURS) break;
    if (palette.every((chosen) => distance(chosen, colour) >= ALIKE)) palette.push(colour);
  }
  return palette;
}

function indexed(pixels, palette) {
  const nearest = new Map();
  const find = (colour) => {
    let best = 0;
    for (let index = 1; index < palette.length; index += 1) if (distance(palette[index], colour) < distance(palette[best], colour)) best = index;
    return best;
  };
  return Uint8Array.from(pixels, (colour) => {
    if (!nearest.has(colour)) nearest.set(colour, find(colour));
    return nearest.get(colour);
  });
}

function encode(width, height, indexes, palette) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.alloc(palette.length * 3);
  palette.forEach((colour, index) => colours.writeUIntBE(colour, index * 3, 3));
  const lines = Buffer.alloc((width + 1) * height);
  for (let line = 0; line < height; line += 1) lines.set(indexes.subarray(line * width, (line + 1) * width), line * (width + 1) + 1);
  return Buffer.concat([SIGNATURE, chunk("IHDR", head), chunk("PLTE", colours), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  out.set(body, 4);
  out.writeUInt32BE(checksum(body), body.length + 4);
  return out;
}

/** The CRC of PNG chunks. */
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
