import { describe, expect, test } from "vitest";

import { cover, keyStream, readPublicKey, replaceSecrets, TypedSecret, withCovers } from "./typed";

function typed(text: string): TypedSecret {
  const secret = new TypedSecret();
  secret.replace(0, 0, text);
  return secret;
}

const text = (secret: TypedSecret) => new TextDecoder().decode(secret.bytes());

describe("a secret while it is typed", () => {
  test.each([
    ["", 0, 0, "a", "a", 1],
    ["ac", 1, 1, "b", "abc", 2],
    ["abc", 0, 3, "", "", 0],
    ["abc", 1, 2, "漢字", "a漢字c", 3],
    ["a😀c", 1, 2, "", "ac", 1],
    ["abc", 2, 99, "x", "abx", 3],
    ["abc", 9, 9, "d", "abcd", 4],
  ])("%j from %i to %i by %j is %j", (before, from, to, by, after, caret) => {
    const secret = typed(before);
    expect(secret.replace(from, to, by)).toBe(caret);
    expect(text(secret)).toBe(after);
  });

  test("its bytes are those of the system's encoder", () => {
    for (const sample of ["hunter2", "pässwort", "漢字 ✓", "😀𝄞", "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}"]) {
      expect(typed(sample).bytes()).toEqual(new TextEncoder().encode(sample));
    }
  });

  test("is compared, wiped and never written as JSON", () => {
    const secret = typed("hunter2");
    expect(secret.same(typed("hunter2"))).toBe(true);
    expect(secret.same(typed("hunter3"))).toBe(false);
    expect(secret.same(typed("hunter"))).toBe(false);
    let told = 0;
    const stop = secret.onChange(() => (told += 1));
    secret.wipe();
    secret.wipe();
    stop();
    secret.replace(0, 0, "x");
    expect(told).toBe(1);
    expect(() => JSON.stringify({ secret })).toThrow(/covered before it is sent/);
  });
});

const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const pair = () => crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

describe("the cover", () => {
  test("is taken off by who has the key, and by nobody else", async () => {
    const [program, other] = [await pair(), await pair()];
    const { sender, covered } = await cover(typed("hunter2 pässwort").bytes(), program.publicKey);
    const read = async (key: CryptoKey) => {
      const bytes = bytesOf(covered);
      const stream = await keyStream(key, await readPublicKey(sender), bytes.length);
      return new TextDecoder().decode(bytes.map((byte, at) => byte ^ (stream[at] ?? 0)));
    };
    expect(await read(program.privateKey)).toBe("hunter2 pässwort");
    expect(await read(other.privateKey)).not.toBe("hunter2 pässwort");
    expect(atob(covered)).not.toContain("hunter2");
  });

  test("leaves nothing in the array that it was given", async () => {
    const bytes = typed("hunter2").bytes();
    await cover(bytes, (await pair()).publicKey);
    expect(new TextDecoder().decode(bytes)).not.toContain("hunter2");
  });

  test("two texts never have the same one", async () => {
    const { publicKey } = await pair();
    const one = await cover(typed("hunter2").bytes(), publicKey);
    const two = await cover(typed("hunter2").bytes(), publicKey);
    expect(one.covered).not.toBe(two.covered);
  });

  /** The same numbers as in crates/luumen-crypto/src/typed.rs: both sides make the same stream. */
  test("is the one that the program takes off", async () => {
    const stream = await keyStream(await privateKey(2), await readPublicKey(PUBLIC_OF_1), 16);
    expect(Array.from(stream, (byte) => byte.toString(16).padStart(2, "0")).join("")).toBe("57f5328876596670631009bb448fd8b9");
  });

  test("is on every secret of a call, and the secrets may be wiped at once", async () => {
    const { publicKey } = await pair();
    const secret = typed("hunter2");
    const sending = withCovers({ answer: { texts: [secret, "plain"], remember: null } }, () => Promise.resolve(publicKey));
    secret.wipe();
    const { answer } = await sending;
    expect(answer).toEqual({ texts: [{ sender: expect.any(String), covered: expect.any(String) }, "plain"], remember: null });
    expect(bytesOf((answer.texts[0] as unknown as { covered: string }).covered)).toHaveLength(7);
  });
});

test("the loopback server's screens send the text itself", () => {
  const args = { passphrase: typed("open"), n: [1, null] };
  expect(replaceSecrets(args, text)).toEqual({ passphrase: "open", n: [1, null] });
});

const PUBLIC_OF_1 = "BG/wO5SSQc4drdQ1GeaWDgqFtBppoFwygQOqK84VlMoWPE91OlW/AdxT9sCwx+7ni0DG/30lqW4igrmJzvccFEo=";

/** The private half that consists of one byte, repeated. */
async function privateKey(byte: number): Promise<CryptoKey> {
  const scalar = new Uint8Array(32).fill(byte);
  // PKCS#8 with nothing but the number in it.
  const head = [0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20];
  return crypto.subtle.importKey("pkcs8", new Uint8Array([...head, ...scalar]), CURVE, false, ["deriveBits"]);
}
