import { expect, test } from "vitest";

import { Acknowledger, Typist, WINDOW_BYTES, type Piece } from "./flow";

test("drawn bytes are acknowledged a quarter of the window at a time, and none is forgotten", () => {
  const acknowledged: number[] = [];
  const acknowledger = new Acknowledger((bytes) => acknowledged.push(bytes));
  const batch = 64 * 1024;
  for (let sent = 0; sent < 3 * WINDOW_BYTES; sent += batch) acknowledger.wrote(batch);
  expect(acknowledged).toHaveLength(12);
  expect(acknowledged.reduce((sum, bytes) => sum + bytes, 0)).toBe(3 * WINDOW_BYTES);
});

test("a batch larger than the quarter is acknowledged whole", () => {
  const acknowledged: number[] = [];
  const acknowledger = new Acknowledger((bytes) => acknowledged.push(bytes), 10);
  acknowledger.wrote(9);
  expect(acknowledged).toEqual([]);
  acknowledger.wrote(25);
  expect(acknowledged).toEqual([34]);
});

test("what is typed while a call is on its way goes next, together and in order", async () => {
  const calls: Piece[] = [];
  const gates: (() => void)[] = [];
  const typist = new Typist((error) => {
    throw error;
  });
  typist.connect((text) => {
    calls.push(text);
    return new Promise<void>((resolve) => gates.push(resolve));
  });
  typist.type("l");
  typist.type("s");
  typist.type("\r");
  expect(calls).toEqual(["l"]);
  gates.shift()?.();
  await Promise.resolve();
  await Promise.resolve();
  expect(calls).toEqual(["l", "s\r"]);
});

test("keys pressed before there is a shell wait for it", async () => {
  const calls: Piece[] = [];
  const typist = new Typist(() => undefined);
  typist.type("uptime\r");
  expect(calls).toEqual([]);
  typist.connect(async (text) => void calls.push(text));
  await Promise.resolve();
  expect(calls).toEqual(["uptime\r"]);
});

test("keys for a connection that was lost are not typed into the next one", async () => {
  const calls: Piece[] = [];
  const typist = new Typist(() => undefined);
  typist.connect(null);
  typist.type("rm -rf build\r");
  typist.forget();
  typist.connect(async (text) => void calls.push(text));
  await Promise.resolve();
  expect(calls).toEqual([]);
});

test("bytes keep their place between the texts", async () => {
  const calls: Piece[] = [];
  const typist = new Typist(() => undefined);
  typist.type("v");
  typist.type("i\r");
  typist.type(new Uint8Array([0x1b, 0x5b, 0x4d, 0x20, 0xe1, 0x21]));
  typist.type(":q\r");
  typist.connect(async (piece) => void calls.push(piece));
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(calls).toEqual(["vi\r", new Uint8Array([0x1b, 0x5b, 0x4d, 0x20, 0xe1, 0x21]), ":q\r"]);
});

test("a call that fails is told, and the next one is still made", async () => {
  const failures: unknown[] = [];
  const calls: Piece[] = [];
  const typist = new Typist((error) => failures.push(error));
  typist.connect(async (text) => {
    calls.push(text);
    if (text === "a") throw new Error("gone");
  });
  typist.type("a");
  await new Promise((resolve) => setTimeout(resolve, 0));
  typist.type("b");
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(calls).toEqual(["a", "b"]);
  expect(failures).toHaveLength(1);
});
