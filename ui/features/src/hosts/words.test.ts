import { expect, test } from "vitest";

import { namedHosts } from "./words";

test.each([
  [1, "a"],
  [2, "a and b"],
  [4, "a, b, c and d"],
  [5, "a, b, c and 2 more"],
  [26, "a, b, c and 23 more"],
])("%d hosts are named %s", (count, words) => {
  expect(namedHosts([..."abcdefghijklmnopqrstuvwxyz"].slice(0, count))).toBe(words);
});
