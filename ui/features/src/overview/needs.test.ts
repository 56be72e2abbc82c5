import type { Overview } from "@luumen/api-client";
import { describe, expect, test } from "vitest";

import { needsOf, overviewWords } from "./needs";

const overview = (change: Partial<Overview>): Overview => ({
  generated_at: "2026-11-22T03:00:00Z",
  host_count: 5,
  states: { ok: 5 },
  os: [],
  freshness: [],
  coverage: [],
  reboot_required_count: 0,
  changed_today_count: 0,
  new_today_count: 0,
  package_count: 0,
  runs: [],
  agents: [],
  visits: [],
  ...change,
});

describe("what needs a person today", () => {
  test("nothing, when all is well", () => {
    expect(needsOf(overview({}))).toEqual([]);
    expect(overviewWords(overview({}))).toBe("All 5 hosts were seen in time and read whole");
  });

  test("the most urgent first, each with the rows behind it", () => {
    const needs = needsOf(overview({ states: { stale: 2, failing: 1, ok: 2 }, reboot_required_count: 1 }));
    expect(needs.map(({ count, what }) => `${count} ${what}`)).toEqual([
      "1 host failing",
      "2 hosts stale",
      "1 host asks for a reboot",
    ]);
    expect(needs[0]?.href).toBe("/hosts?q=state%3Afailing");
  });

  test("one sentence", () => {
    expect(overviewWords(overview({ states: { stale: 1, ok: 4 } }))).toBe("1 host of 5 needs a look");
    expect(overviewWords(overview({ states: { partial: 2, ok: 3 } }))).toBe(
      "All 5 hosts were seen in time; 2 could not be read whole",
    );
    expect(overviewWords(overview({ host_count: 1, states: { partial: 1 } }))).toBe(
      "The host was seen in time, but could not be read whole",
    );
    expect(overviewWords(overview({ host_count: 0, states: {} }))).toBe("No hosts yet");
  });
});
