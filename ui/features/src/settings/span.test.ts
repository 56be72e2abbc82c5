import { exactSpan } from "@luumen/kit/format";
import { expect, test } from "vitest";

import { parseSpan } from "./span";

test.each([
  ["90 s", 90],
  ["15 min", 900],
  ["1 h 30 min", 5400],
  ["2d", 172_800],
  ["3600", 3600],
  ["1 hour", 3600],
])("%s is %d seconds", (text, seconds) => {
  expect(parseSpan(text)).toBe(seconds);
});

test.each(["", "soon", "1 fortnight", "h", "1 h and a bit"])("%o is no span", (text) => {
  expect(parseSpan(text)).toBeNull();
});

test("what is shown can be read back", () => {
  for (const seconds of [60, 90, 3600, 5400, 86_400]) expect(parseSpan(exactSpan(seconds))).toBe(seconds);
});
