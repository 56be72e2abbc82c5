import { describe, expect, test } from "vitest";

import { leaf, neighbour, panesOf, readTree, rects, removePane, setRatio, splitPane, type Side, type Tree } from "./tree";

// ┌───┬───┐
// │   │ b │
// │ a ├───┤
// │   │ c │
// └───┴───┘
const TREE: Tree = splitPane(splitPane(leaf("a"), "a", "row", "1", "b"), "b", "column", "2", "c");

test("panes are told from left to right and from top to bottom", () => {
  expect(panesOf(TREE)).toEqual(["a", "b", "c"]);
});

test("a split before a pane puts the new one first", () => {
  expect(panesOf(splitPane(leaf("a"), "a", "row", "1", "b", true))).toEqual(["b", "a"]);
});

test("each pane has its room", () => {
  expect(rects(TREE).get("c")).toEqual({ x: 0.5, y: 0.5, width: 0.5, height: 0.5 });
});

describe("the pane beside a pane", () => {
  test.each([
    ["a", "right", "b"],
    ["b", "left", "a"],
    ["b", "down", "c"],
    ["c", "up", "b"],
    ["c", "left", "a"],
    ["a", "left", null],
    ["c", "down", null],
    ["gone", "left", null],
  ] as [string, Side, string | null][])("%s %s is %s", (pane, side, expected) => {
    expect(neighbour(TREE, pane, side)).toBe(expected);
  });

  test("of two neighbours, the one with the longer border", () => {
    expect(neighbour(setRatio(TREE, "2", 0.3), "a", "right")).toBe("c");
  });
});

test("what is left of a split takes its room", () => {
  const rest = removePane(TREE, "a");
  expect(rest && panesOf(rest)).toEqual(["b", "c"]);
  expect(rest && rects(rest).get("b")?.width).toBe(1);
  expect(removePane(leaf("a"), "a")).toBeNull();
});

test("a border never hides a pane", () => {
  const tree = setRatio(TREE, "1", 0.999);
  expect(tree.kind === "split" && tree.ratio).toBe(0.9);
});

describe("a tree from a store", () => {
  test("comes back as it was", () => {
    expect(readTree(JSON.parse(JSON.stringify(TREE)))).toEqual(TREE);
  });
  test.each([null, 7, {}, { kind: "pane" }, { kind: "split", id: "1", first: null, second: null }])("%j is none", (value) => {
    expect(readTree(value)).toBeNull();
  });
  test("half of one is the half", () => {
    expect(readTree({ kind: "split", id: "1", first: { kind: "pane", pane: "a" }, second: 4 })).toEqual(leaf("a"));
  });
});
