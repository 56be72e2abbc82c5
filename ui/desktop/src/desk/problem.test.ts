import { expect, test } from "vitest";

import { whyAndNext } from "./problem";

test.each([
  ["no catalogue is on this device", "import one", "no catalogue is on this device. Import one."],
  ["The key was refused.", "Try another key.", "The key was refused. Try another key."],
  ["timed out", null, "timed out."],
  ["", "Try again", "Try again."],
])("%j and %j", (detail, next, expected) => {
  expect(whyAndNext({ detail, next })).toBe(expected);
});
