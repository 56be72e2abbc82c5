import type { contract } from "@luumen/backend";
import { describe, expect, test } from "vitest";

import { catalogueTone, comparable, count, findingFits, fixes, fixWords, isWhole, pointsWords, ranked } from "./findings";

const finding = (vulnerability: string, more: Partial<contract.Finding> = {}): contract.Finding => ({
  vulnerability,
  package: "openssl",
  installed: [],
  verdict: "vulnerable",
  reason: "before_fix",
  why: "older than the fix",
  confidence: "high",
  source: "debian",
  authority: "vendor",
  status: "fixed",
  end_of_life: false,
  severity: "medium",
  ransomware: false,
  ...more,
});

test("what is exploited comes first, then what is worse, then what is likelier", () => {
  const order = ranked([
    finding("a", { severity: "high", epss: 0.1 }),
    finding("b", { severity: "low", kev_added_at: "2026-01-01T00:00:00Z" }),
    finding("c", { severity: "critical" }),
    finding("d", { severity: "high", epss: 0.9 }),
    finding("e", { severity: "critical", verdict: "possible" }),
  ]);
  expect(order.map(({ vulnerability }) => vulnerability).join("")).toBe("bcdae");
});

test("only what is sure counts as open; what is not decided is counted apart and never dropped", () => {
  const counts = count([finding("a", { severity: "critical" }), finding("b", { verdict: "under_investigation" }), finding("c", { verdict: "unknown" }), finding("d", { verdict: "fixed" })]);
  expect(counts).toMatchObject({ open: 1, undecided: 2, exploited: 0 });
  expect(counts.severities.critical).toBe(1);
});

test("an update says what it closes, the one that closes most first", () => {
  const all = fixes([
    finding("a", { fixed_version: "3.0.17" }),
    finding("b", { fixed_version: "3.0.17" }),
    finding("c", { package: "curl", fixed_version: "7.88.1" }),
    finding("d", { package: "zlib" }),
  ]);
  expect(all.map(({ package: name, version, closes }) => `${name} ${version} ${closes.length}`)).toEqual(["openssl 3.0.17 2", "curl 7.88.1 1"]);
});

test.each([
  [{ fixed_version: "1.2" }, "1.2"],
  [{ fixed_version: "1.2", fix_channel: "esm-infra" }, "1.2 from esm-infra, which needs a subscription"],
  [{}, "none is published"],
  [{ end_of_life: true }, "none: support of this release has ended"],
])("%j: %s", (more, words) => {
  expect(fixWords(finding("a", more))).toBe(words);
});

test.each([
  ["openssl", true],
  ["severity:medium openssl", true],
  ["severity:high", false],
  ["kev:yes", false],
])("%s finds it: %s", (typed, fits) => {
  expect(findingFits(finding("CVE-2026-1"), typed)).toBe(fits);
});

describe("nothing that was not read looks fine", () => {
  test.each(["partial", "denied", "timeout", "truncated", "parse_error", "a status of tomorrow"])("%s is not whole", (status) => {
    expect(isWhole({ status })).toBe(false);
  });
  test("without a catalogue nothing was judged", () => {
    expect(catalogueTone(null)).toEqual({ tone: "failed", word: "No catalogue: nothing was judged" });
    expect(catalogueTone({ path: "", built_at: "", sample: true, age_days: 0 }).tone).toBe("partial");
    expect(catalogueTone({ path: "", built_at: "", sample: false, age_days: 30 }).tone).toBe("stale");
  });
});

test("CISA's points are said in words, and a word that is not known as it is", () => {
  expect(pointsWords({ exploitation: "active", automatable: true, technical_impact: "total" })).toBe("it is exploited; can be automated; gives all control away");
  expect(pointsWords({ exploitation: "none", automatable: false, technical_impact: "partial" })).toBe("not exploited as far as is known; cannot be automated; gives part of the control away");
  expect(pointsWords({ exploitation: "newer", automatable: false, technical_impact: "other" })).toBe("newer; cannot be automated; gives other away");
});

test("a scan is compared with earlier ones that came to their end, the latest first", () => {
  const row = (id: string, day: number, state: contract.ScanState): contract.ScanRow => ({
    id,
    host: "h",
    target: "ada@h:22",
    state,
    started_at: `2026-05-0${day}T00:00:00Z`,
    ended_at: null,
    findings: 0,
    urgent: 0,
    partial: false,
  });
  const rows = [row("a", 1, "done"), row("b", 2, "done"), row("c", 3, "failed"), row("d", 4, "cancelled"), row("e", 5, "running"), row("f", 6, "done"), row("g", 7, "done")];
  expect(comparable({ id: "f", started_at: "2026-05-06T00:00:00Z" }, rows).map(({ id }) => id)).toEqual(["b", "a"]);
});
