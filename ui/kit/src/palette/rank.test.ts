import { expect, test } from "vitest";

import { fit, rank } from "./rank";

test("a beginning fits better than a word, a word better than a middle", () => {
  expect(rank(["shredder", "red hat", "core red"], "red", (name) => name)).toEqual(["red hat", "core red", "shredder"]);
});

test("every word must occur, in any order", () => {
  expect(fit("Add a host", "host add")).toBeGreaterThan(0);
  expect(fit("Add a host", "host drop")).toBe(0);
});

test("nothing typed keeps everything in order", () => {
  expect(rank(["b", "a"], "", (name) => name)).toEqual(["b", "a"]);
});
