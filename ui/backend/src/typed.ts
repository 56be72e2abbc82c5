// A secret while it is typed. A page cannot wipe its texts, so none is made of it: characters are numbers in an array that is
// overwritten after use, and a call covers them for the workbench alone (crates/luumen-crypto/src/typed.rs takes the cover off).

/** What stands for a secret in a call. */
export interface Covered {
  /** The point that this one text was covered with. */
  sender: string;
  covered: string;
}

/** More than most secrets are long, so that their characters never move to another place in memory. */
const USUAL = 256;

/**
 * An array over a buffer of its own. One that the engine makes without a buffer is copied, and its first place forgotten, as soon
 * as somebody asks for a part of it.
 */
const places = (count: number) => new Uint32Array(new ArrayBuffer(4 * count));

export class TypedSecret {
  #characters = places(USUAL);
  #length = 0;
  #listeners = new Set<() => void>();

  /** How many characters were typed. */
  get length(): number {
    return this.#length;
  }

  /** Puts a text in the place of the characters from `from` up to `to`, and answers where the caret is then. */
  replace(from: number, to: number, text: string): number {
    const start = Math.min(from, this.#length);
    const end = Math.max(start, Math.min(to, this.#length));
    const behind = this.#length - end;
    let added = 0;
    for (const _ of text) added += 1;
    this.#makeRoom(start + added + behind);
    this.#characters.copyWithin(start + added, end, this.#length);
    let at = start;
    for (const character of text) this.#characters[at++] = character.codePointAt(0) ?? 0;
    this.#length = start + added + behind;
    this.#characters.fill(0, this.#length);
    this.#listeners.forEach((told) => told());
    return at;
  }

  #makeRoom(count: number): void {
    const before = this.#characters;
    if (count <= before.length) return;
    const after = places(2 * count);
    for (let at = 0; at < this.#length; at += 1) after[at] = before[at] ?? 0;
    before.fill(0);
    this.#characters = after;
  }

  /** Overwrites what was typed. */
  wipe(): void {
    if (this.length > 0) this.replace(0, this.length, "");
  }

  same(other: TypedSecret): boolean {
    if (this.length !== other.length) return false;
    for (let at = 0; at < this.length; at += 1) if (this.#characters[at] !== other.#characters[at]) return false;
    return true;
  }

  onChange(told: () => void): () => void {
    this.#listeners.add(told);
    return () => void this.#listeners.delete(told);
  }

  /** The bytes of the text. Whoever takes them overwrites them. */
  bytes(): Uint8Array<ArrayBuffer> {
    let length = 0;
    for (let at = 0; at < this.length; at += 1) length += encode(this.#characters[at] ?? 0, null, 0);
    const bytes = new Uint8Array(new ArrayBuffer(length));
    for (let at = 0, next = 0; at < this.length; at += 1) next += encode(this.#characters[at] ?? 0, bytes, next);
    return bytes;
  }

  toJSON(): never {
    throw new Error("a typed secret is covered before it is sent");
  }
}

/** UTF-8, as the system's own encoder has it; that one wants a text. Answers how many bytes it takes. */
function encode(character: number, bytes: Uint8Array | null, at: number): number {
  const more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  if (bytes) {
    for (let byte = more; byte > 0; byte -= 1) bytes[at + byte] = 0x80 | ((character >> (6 * (more - byte))) & 0x3f);
    bytes[at] = ([0, 0xc0, 0xe0, 0xf0][more] ?? 0) | (character >> (6 * more));
  }
  return more + 1;
}

/**
 * A copy of the arguments in which every typed secret is covered. The secrets may be wiped as soon as this has returned its
 * promise: their bytes are taken before anything is waited for.
 */
export async function withCovers<T>(args: T, publicKey: () => Promise<CryptoKey>): Promise<T> {
  const taken: { slot: Partial<Covered>; bytes: Uint8Array<ArrayBuffer> }[] = [];
  const copy = replaceSecrets(args, (secret) => {
    const one = { slot: {}, bytes: secret.bytes() };
    taken.push(one);
    return one.slot;
  });
  for (const { slot, bytes } of taken) Object.assign(slot, await cover(bytes, await publicKey()));
  return copy;
}

/** A copy of the arguments with something else in the place of each secret. */
export function replaceSecrets<T>(args: T, by: (secret: TypedSecret) => unknown): T {
  const copy = (value: unknown): unknown => {
    if (value instanceof TypedSecret) return by(value);
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
  };
  return copy(args) as T;
}

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const USE = new TextEncoder().encode("luumen typed secret");

export async function readPublicKey(base64: string): Promise<CryptoKey> {
  const point = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return crypto.subtle.importKey("raw", point, CURVE, true, []);
}

/** Covers the bytes where they lie. The plain ones never go into a function of the system, whose copies nobody could wipe. */
export async function cover(bytes: Uint8Array<ArrayBuffer>, publicKey: CryptoKey): Promise<Covered> {
  const own = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const stream = await keyStream(own.privateKey, publicKey, bytes.length);
  for (const [at, under] of stream.entries()) bytes[at] = (bytes[at] ?? 0) ^ under;
  stream.fill(0);
  const sender = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  return { sender: base64(sender), covered: base64(bytes) };
}

export async function keyStream(own: CryptoKey, other: CryptoKey, length: number): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, own, 256);
  const root = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
  new Uint8Array(shared).fill(0);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: USE }, root, length * 8);
  return new Uint8Array(bits);
}

const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
