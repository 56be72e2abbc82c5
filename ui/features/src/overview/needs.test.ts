import type { Overview } from "@luumen/api-client";
import { describe, expect, test } from "vitest";

import { freshnessHref, needsOf, overviewWords } from "./needs";

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

  test("a section that could not be read keeps it from being nothing, whatever the cause", () => {
    const gap = (denied: number, other: number) => ({ section: "firewall" as const, title: "Firewall", denied, other });
    const said = (coverage: Overview["coverage"]) =>
      needsOf(overview({ coverage })).map(({ count, what, href }) => `${count} ${what}: ${new URLSearchParams(href.slice(7)).get("q")}`);
    expect(said([gap(0, 3)])).toEqual(["1 section not read whole: unseen:any=other"]);
    expect(said([gap(2, 1), gap(1, 0)])).toEqual([
      "2 sections denied: unseen:any=denied",
      "1 section not read whole: unseen:any=other",
    ]);
  });

  test("a bar of ages leads to exactly its hosts", () => {
    const bucket = (label: string, up_to_s: number | null) => ({ label, up_to_s, count: 1 });
    const buckets = [
      bucket("< 1 h", 3600),
      bucket("1 – 6 h", 21_600),
      bucket("6 – 24 h", 86_400),
      bucket("1 – 7 d", 604_800),
      bucket("> 7 d", null),
      bucket("never", null),
    ];
    expect(buckets.map((_, index) => new URLSearchParams(freshnessHref(buckets, index).slice(7)).get("q"))).toEqual([
      "seen:<1h",
      "seen:>1h seen:<6h",
      "seen:>6h seen:<1d",
      "seen:>1d seen:<7d",
      "seen:>7d",
      "seen:never",
    ]);
  });

  test("hosts that are switched off are not said to be seen", () => {
    expect(overviewWords(overview({ states: { ok: 3, disabled: 2 } }))).toBe(
      "All 3 hosts were seen in time and read whole; 2 switched off",
    );
    expect(overviewWords(overview({ states: { disabled: 5 } }))).toBe("All 5 hosts are switched off; nothing is visited");
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
