import type { contract } from "@luumen/backend";
import { describe, expect, test } from "vitest";

import { firstTicks, itemFits, tick, tickAll, ways } from "./importing";

const item = (index: number, state: contract.ImportItem["state"]): contract.ImportItem => ({
  index,
  name: `host-${index}`,
  address: `10.0.0.${index}`,
  user: "ada",
  port: 22,
  group: ["Berlin", "Web"],
  jump: [],
  state,
  existing: state === "new" ? null : "id",
  changes: [],
  unsupported: [],
});
const ITEMS = [item(0, "new"), item(1, "same"), item(2, "changes"), item(3, "name_taken")];

test("only what is new is ticked at first", () => {
  expect([...firstTicks(ITEMS)]).toEqual([[0, "new"]]);
});

describe("what can be done with an item", () => {
  test.each([
    [0, ["new"]],
    [1, []],
    [2, ["merge", "replace", "new"]],
    [3, ["new", "merge", "replace"]],
  ])("%i: %j", (index, expected) => {
    expect(ways(ITEMS[index] as contract.ImportItem)).toEqual(expected);
  });
});

test("what is the same cannot be ticked, and all takes the careful way", () => {
  expect(tick(new Map(), ITEMS[1] as contract.ImportItem, "new").size).toBe(0);
  expect([...tickAll(ITEMS, true)]).toEqual([
    [0, "new"],
    [2, "merge"],
    [3, "new"],
  ]);
  expect(tickAll(ITEMS, false).size).toBe(0);
});

test("items are found by name, address, user and group", () => {
  expect(itemFits(ITEMS[0] as contract.ImportItem, "web ada")).toBe(true);
  expect(itemFits(ITEMS[0] as contract.ImportItem, "munich")).toBe(false);
});
