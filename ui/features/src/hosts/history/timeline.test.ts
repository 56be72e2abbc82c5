import type { SnapshotSummary } from "@luumen/api-client";
import { expect, test } from "vitest";

import { pick, placeVisits } from "./timeline";

const visit = (id: string, hour: number) => ({ id, taken_at: `2026-11-22T0${hour}:00:00Z` }) as SnapshotSummary;
const visits = [visit("new", 4), visit("mid", 1), visit("old", 0)];

test("visits stand where their time is", () => {
  expect(placeVisits(visits).map(({ visit: { id }, at }) => [id, at])).toEqual([["old", 0], ["mid", 0.25], ["new", 1]]);
  expect(placeVisits([visit("only", 3)])[0]?.at).toBe(1);
});

test("two picked visits are compared from the older to the newer", () => {
  const first = pick(visits, { from: null, to: null }, "new");
  expect(first).toEqual({ from: "new", to: null });
  const second = pick(visits, first, "old");
  expect(second).toEqual({ from: "old", to: "new" });
  expect(pick(visits, second, "new")).toEqual({ from: "old", to: null });
  expect(pick(visits, second, "mid")).toEqual({ from: "mid", to: "new" });
});
