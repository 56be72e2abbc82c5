import { wholeSpan } from "@luumen/kit/format";
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

test.each([0, 60, 90, 3600, 3630, 5400, 86_400, 87_300, 95_400, 694_861])("%d seconds in a field are read back as they were", (seconds) => {
  expect(parseSpan(wholeSpan(seconds))).toBe(seconds);
});
