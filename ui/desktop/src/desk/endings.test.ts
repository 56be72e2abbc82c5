import { expect, test } from "vitest";

import { onShellClosed } from "./endings";

const LONG = 60_000;

test.each([
  ["exit closes the pane", { exit: 0, signal: null, lived_ms: LONG, connected: true }, "close"],
  ["so does exit after a command that failed", { exit: 127, signal: null, lived_ms: LONG, connected: true }, "close"],
  ["and exit at once", { exit: 0, signal: null, lived_ms: 10, connected: true }, "close"],
  ["a shell that dies at once stays to be read", { exit: 1, signal: null, lived_ms: 200, connected: true }, { kind: "at_once", exit: 1, signal: null }],
  ["a signal is a failure", { exit: null, signal: "KILL", lived_ms: LONG, connected: true }, { kind: "ended", signal: "KILL" }],
  ["a channel that ends without a word is a failure", { exit: null, signal: null, lived_ms: LONG, connected: true }, { kind: "ended", signal: null }],
  ["a lost connection never closes anything", { exit: 0, signal: null, lived_ms: LONG, connected: false }, { kind: "ended", signal: null }],
])("%s", (_, closed, expected) => {
  expect(onShellClosed(closed)).toEqual(expected);
});
