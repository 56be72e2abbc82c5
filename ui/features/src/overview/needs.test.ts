import type { CatalogueInfo, FindingSummary, Overview } from "@luumen/api-client";
import { describe, expect, test } from "vitest";

import { freshnessHref, needsOf, neverSeenCount, neverSeenWords, noGapsWords, overviewWords } from "./needs";

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

const CATALOGUE: CatalogueInfo = { built_at: "2026-11-22T02:00:00Z", sample: false, claim_count: 9, vulnerability_count: 7 };
const NONE = { critical: 0, high: 0, medium: 0, low: 0, none: 0, unknown: 0 };

const summary = (change: Partial<FindingSummary>): FindingSummary => ({
  generated_at: "2026-11-22T03:00:00Z",
  findings: NONE,
  on_hosts: NONE,
  kev_count: 0,
  fix_available_count: 0,
  excepted_count: 0,
  opened_today_count: 0,
  fixed_today_count: 0,
  affected_host_count: 0,
  assessed_host_count: 5,
  not_evaluable_host_count: 0,
  not_evaluated: [],
  informational_count: 0,
  fixes: [],
  stale_feed_count: 0,
  catalogue: CATALOGUE,
  assessed_at: "2026-11-22T02:30:00Z",
  ...change,
});

describe("what needs a person today", () => {
  test("nothing, when all is well", () => {
    expect(needsOf(overview({}), summary({}))).toEqual([]);
    expect(overviewWords(overview({}))).toBe("All 5 hosts were seen in time and read whole");
  });

  test("the most urgent first, each with the rows behind it", () => {
    const needs = needsOf(overview({ states: { stale: 2, failing: 1, ok: 2 }, reboot_required_count: 1 }));
    expect(needs.map(({ word }) => word)).toEqual([
      "1 host failing",
      "2 hosts stale",
      "1 host asks for a reboot",
    ]);
    expect(needs[0]?.href).toBe("/hosts?q=state%3Afailing");
  });

  test.each<[Partial<FindingSummary>, string, string]>([
    [{ kev_count: 1 }, "1 finding known to be exploited", "/vulnerabilities?q=kev%3Ayes"],
    [{ findings: { ...NONE, critical: 12, high: 3 } }, "12 critical findings", "/vulnerabilities?q=severity%3Acritical"],
    [{ assessment_failure: { error: "no room" } }, "the last assessment failed", "/vulnerabilities"],
    [{ stale_feed_count: 2 }, "2 feeds stale or failing", "/vulnerabilities/feeds"],
    [{ not_evaluable_host_count: 1 }, "1 host not judged whole", "/vulnerabilities"],
    [{ catalogue: null, not_evaluable_host_count: 5 }, "no catalogue of vulnerabilities", "/vulnerabilities/feeds"],
    [{ catalogue: { ...CATALOGUE, sample: true } }, "sample data of vulnerabilities", "/vulnerabilities/feeds"],
  ])("of vulnerabilities %o asks for a look", (change, word, href) => {
    expect(needsOf(overview({}), summary(change))).toMatchObject([{ word, href }]);
  });

  test("vulnerabilities and fleet stand in one order", () => {
    const needs = needsOf(overview({ states: { stale: 2, ok: 3 }, reboot_required_count: 1 }), summary({ stale_feed_count: 1, kev_count: 3 }));
    expect(needs.map(({ word }) => word)).toEqual([
      "3 findings known to be exploited",
      "1 feed stale or failing",
      "2 hosts stale",
      "1 host asks for a reboot",
    ]);
  });

  test("lost runs are counted among the last ones, and that is said", () => {
    const run = (state: "lost" | "finished") => ({ state }) as Overview["runs"][number];
    const said = (runs: Overview["runs"]) => needsOf(overview({ runs })).map(({ word }) => word);
    expect(said([run("finished"), run("lost"), run("finished")])).toEqual(["1 of the last 3 runs lost"]);
    expect(said([run("lost")])).toEqual(["the last run lost"]);
    expect(said([run("finished")])).toEqual([]);
  });

  test("a section that could not be read keeps it from being nothing, whatever the cause", () => {
    const gap = (denied: number, other: number) => ({ section: "firewall" as const, title: "Firewall", denied, other });
    const said = (coverage: Overview["coverage"]) =>
      needsOf(overview({ coverage })).map(({ word, href }) => `${word}: ${new URLSearchParams(href.slice(7)).get("q")}`);
    expect(said([gap(0, 3)])).toEqual(["1 section not read whole: unseen:any=other"]);
    expect(said([gap(2, 1), gap(1, 0)])).toEqual([
      "2 sections denied: unseen:any=denied",
      "1 section not read whole: unseen:any=other",
    ]);
  });

  test("no gaps means nothing while no host was seen", () => {
    const never = (count: number, states: Overview["states"]) =>
      overview({ states, freshness: [{ label: "< 1 h", up_to_s: 3600, count: 5 - count }, { label: "never", up_to_s: null, count }] });
    expect(noGapsWords(never(5, { never_seen: 5 })).word).toBe("No host was seen yet");
    // Switched off before its first visit, a host was not seen either.
    expect(noGapsWords(never(5, { never_seen: 3, disabled: 2 }))).toMatchObject({ tone: "unknown" });
    expect(noGapsWords(never(2, { never_seen: 2, ok: 3 }))).toMatchObject({ tone: "ok", word: "No gaps" });
    expect(neverSeenWords(neverSeenCount(never(2, { never_seen: 2, ok: 3 })))).toBe("2 hosts were never seen");
    expect(neverSeenWords(1)).toBe("1 host was never seen");
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
