import type { contract } from "@luumen/backend";
import { describe, expect, test } from "vitest";

import { comesAlong, differences, fieldValue, firstTicks, inShort, itemFits, takes, tick, tickAll, wantAgent, ways } from "./importing";

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
  fields: [],
  agent_forwarding: null,
  warnings: [],
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

test("what comes along is named in short and said in full, without what the line says", () => {
  const fields = [
    ["address", "10.0.0.0"],
    ["host_key_policy", "strict"],
    ["key", "~/.ssh/web"],
    ["keepalive_s", "30"],
    ["forward", "L localhost:1→a:1"],
    ["forward", "D localhost:2"],
  ].map(([field, value]) => ({ field, value }) as contract.ItemField);
  const along = comesAlong({ ...(ITEMS[0] as contract.ImportItem), fields });
  expect(inShort(along)).toBe("new host keys, key, keepalive, 2 forwards");
  expect(along.map(fieldValue)).toEqual(["refuse", "~/.ssh/web", "30 s", "L localhost:1→a:1", "D localhost:2"]);
});

test("the agent is lent only where its tick is set, and is no quiet change", () => {
  const lending = {
    ...(ITEMS[2] as contract.ImportItem),
    agent_forwarding: "the file",
    changes: [{ field: "agent_forwarding", from: null, to: "yes" }],
    fields: [{ field: "agent_forwarding", value: "yes" }],
  };
  expect(differences(lending)).toEqual([]);
  expect(comesAlong(lending)).toEqual([]);
  expect(inShort(comesAlong({ ...lending, fields: [{ field: "agent_forwarding", value: "no" }] }))).toBe("no agent forwarding");
  expect(differences({ ...lending, changes: [{ field: "agent_forwarding", from: "yes", to: "no" }] })).toHaveLength(1);
  expect(wantAgent([...ITEMS, lending, { ...lending, state: "same" }])).toEqual([lending]);
  expect(
    takes(
      new Map([
        [0, "new"],
        [2, "merge"],
      ]),
      new Set([2, 3]),
    ),
  ).toEqual([
    { index: 0, as: "new", agent_forwarding: false },
    { index: 2, as: "merge", agent_forwarding: true },
  ]);
});
