import type { contract } from "@luumen/backend";
import { describe, expect, test } from "vitest";

import { catalogueMark, catalogueTone, comparable, count, countWords, findingFits, fixes, fixWords, isWhole, judgedWords, pointsWords, ranked, rowWords, whyNothing } from "./findings";

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
    judged: "whole",
  });
  const rows = [row("a", 1, "done"), row("b", 2, "done"), row("c", 3, "failed"), row("d", 4, "cancelled"), row("e", 5, "running"), row("f", 6, "done"), row("g", 7, "done")];
  expect(comparable({ id: "f", started_at: "2026-05-06T00:00:00Z" }, rows).map(({ id }) => id)).toEqual(["b", "a"]);
});

describe("what was not judged is never shown as none", () => {
  test.each([
    ["whole", 0, "0 vulnerabilities found", "Findings 0"],
    ["whole", 1, "1 vulnerability found", "Findings 1"],
    ["part", 0, "No vulnerability found in what could be judged", "Findings"],
    ["part", 2, "2 vulnerabilities found in what could be judged", "Findings 2"],
    ["nothing", 0, "Nothing was judged", "Findings"],
  ] as const)("%s, %i: %s", (judged, open, words, over) => {
    expect(judgedWords({ judged }, open)).toBe(words);
    expect(countWords("Findings", open, { judged })).toBe(over);
  });

  test.each([
    ["whole", 0, "0 findings"],
    ["part", 0, "No finding in what could be judged"],
    ["part", 3, "3 findings"],
    ["nothing", 0, null],
  ] as const)("in a list: %s, %i: %s", (judged, findings, words) => {
    expect(rowWords({ judged, findings })).toBe(words);
  });

  const catalogue = { path: "", built_at: "", sample: false, age_days: 0 };
  const problem = (code: string) => ({ code, title: "", detail: "", next: null });

  test("a catalogue that judged nothing is not shown as good", () => {
    expect(catalogueMark({ catalogue, judged: "whole", problem: null })?.tone).toBe("ok");
    expect(catalogueMark({ catalogue, judged: "nothing", problem: null })?.tone).toBe("off");
    expect(catalogueMark({ catalogue: null, judged: "nothing", problem: problem("LUM-CATALOGUE-NONE") })?.tone).toBe("failed");
    expect(catalogueMark({ catalogue: null, judged: "nothing", problem: problem("LUM-SCAN-JUDGE") })).toBeNull();
  });

  test("it is said why", () => {
    const why = (unjudged: string[], code?: string) => whyNothing({ state: "done", problem: code ? problem(code) : null, unjudged });
    expect(why(["vulnerabilities: there is no catalogue on this device"], "LUM-CATALOGUE-NONE")).toContain("no catalogue on this device");
    const other = why(["vulnerabilities: judging them failed"], "LUM-SCAN-JUDGE");
    expect(other).toContain("Vulnerabilities: judging them failed.");
    expect(other).not.toContain("catalogue");
    expect(why(["os: it was not collected whole: denied", "kernel: odd"])).toBe("Os: it was not collected whole: denied. That does not mean that there is nothing: see “Not seen”.");
    expect(whyNothing({ state: "failed", problem: null, unjudged: [] })).toContain("did not come to its end");
  });
});
