import { expect, test } from "vitest";

import { moveRow } from "./move";

test.each([
  ["j", 0, 1],
  ["ArrowDown", 99, 99],
  ["k", 0, 0],
  ["PageDown", 5, 15],
  ["End", 5, 99],
  ["Home", 5, 0],
  ["Enter", 5, null],
])("%s from row %d goes to %s", (key, from, to) => {
  expect(moveRow(key, from, 100, 10)).toBe(to);
});
