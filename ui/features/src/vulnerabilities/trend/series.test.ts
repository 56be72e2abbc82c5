import type { TrendDay } from "@luumen/api-client";
import { expect, test } from "vitest";

import { changeOf, readTrendView, severitySeries, writeTrendView, type TrendView } from "./series";

const none = { critical: 0, high: 0, medium: 0, low: 0, none: 0, unknown: 0 };
const days: TrendDay[] = [
  { day: "2026-11-22", on_hosts: { ...none, high: 9 }, findings: { ...none, high: 3 }, opened: 9, fixed: 0 },
  { day: "2026-11-23", on_hosts: { ...none, high: 5, critical: 1 }, findings: { ...none, high: 2, critical: 1 }, opened: 1, fixed: 4 },
];

test.each<TrendView>([
  { days: 90, counted: "hosts" },
  { days: 365, counted: "once" },
])("the trend's view survives the URL: %o", (view) => {
  expect(readTrendView(writeTrendView(view))).toEqual(view);
});

test("the worst stands on top, and what never occurs is left out", () => {
  expect(severitySeries(days, "hosts")).toEqual([
    { severity: "high", values: [9, 5] },
    { severity: "critical", values: [0, 1] },
  ]);
  expect(severitySeries(days, "once")[0]?.values).toEqual([3, 2]);
});

test("a change needs two days", () => {
  expect(changeOf(days, "hosts")).toEqual({ by: -3, since: "2026-11-22" });
  expect(changeOf(days.slice(0, 1), "hosts")).toBeNull();
});
