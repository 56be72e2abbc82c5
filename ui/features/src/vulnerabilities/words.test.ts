import type { FindingSummary, FindingVariant } from "@luumen/api-client";
import { describe, expect, test } from "vitest";

import {
  channelWords,
  countsWords,
  daysWords,
  fixWords,
  gapWords,
  notJudgedWords,
  originWords,
  percentWords,
  raterWord,
  staleFeedsWords,
  stateSentence,
  whyInShort,
} from "./words";

const none = { critical: 0, high: 0, medium: 0, low: 0, none: 0, unknown: 0 };

type FixOf = Pick<FindingVariant, "fix" | "fixed_version" | "fix_channel" | "platform">;

test.each<[FixOf, string]>([
  [{ fix: "available", fixed_version: "3.0.15-1", platform: "debian/12" }, "Fixed in 3.0.15-1"],
  [{ fix: "available", platform: "debian/12" }, "A fix is published"],
  [
    { fix: "available", fixed_version: "2.0-1~bpo12", fix_channel: "backports", platform: "debian/12" },
    "Fixed in 2.0-1~bpo12 from the channel backports",
  ],
  [{ fix: "needs_subscription", fix_channel: "esm-infra", platform: "ubuntu/18.04" }, "Fix needs Ubuntu Pro (esm-infra)"],
  [{ fix: "needs_subscription", platform: "ubuntu/18.04" }, "Fix needs a subscription"],
  [{ fix: "none", platform: "debian/12" }, "No fix is published"],
])("%o is said as: %s", (fix, words) => {
  expect(fixWords(fix)).toBe(words);
});

test.each([
  ["ltss", "sles/15.5", "SUSE LTSS (ltss)"],
  ["elts", "debian/9", "Debian ELTS (elts)"],
  ["eus-9.2", "rhel/9", "a Red Hat subscription (eus-9.2)"],
  ["esm-apps", "", "Ubuntu Pro (esm-apps)"],
])("channel %s of %s is %s", (channel, platform, words) => {
  expect(channelWords(channel, platform)).toBe(words);
});

test.each([
  ["vulnerable", "available", false, null, "older than the fix"],
  ["vulnerable", "none", true, null, "support ended, no fix"],
  ["vulnerable", "none", false, false, "no fix published; kernel installed, not running"],
  ["vulnerable", "needs_subscription", true, true, "fix needs a subscription"],
  ["possible", "none", false, null, "by upstream's version alone"],
  ["unknown", "none", false, undefined, "cannot be said"],
] as const)("%s with fix %s is short for a cell", (verdict, fix, end_of_life, running_kernel, words) => {
  expect(whyInShort({ verdict, fix, end_of_life, running_kernel })).toBe(words);
});

test.each([
  [0, "0 %"],
  [0.0004, "< 0.1 %"],
  [0.004, "0.4 %"],
  [0.0996, "10 %"],
  [0.9432, "94 %"],
  [0.9999, "99 %"],
  [1, "100 %"],
])("a probability of %d reads %s", (probability, words) => {
  expect(percentWords(probability)).toBe(words);
});

test.each([
  [0, "today"],
  [1, "1 day"],
  [1204, "1,204 days"],
])("%d days open read %s", (days, words) => {
  expect(daysWords(days)).toBe(words);
});

test("counts name the worst first, and what nobody rated", () => {
  expect(countsWords({ ...none, low: 3, critical: 1, unknown: 2 })).toBe("1 critical, 3 low, 2 not rated");
  expect(countsWords(none)).toBe("none");
});

describe("the sentence of the page", () => {
  const summary: FindingSummary = {
    generated_at: "2026-11-24T10:00:00Z",
    findings: { ...none, critical: 2, high: 12 },
    on_hosts: none,
    kev_count: 3,
    fix_available_count: 9,
    excepted_count: 0,
    opened_today_count: 0,
    fixed_today_count: 0,
    affected_host_count: 41,
    assessed_host_count: 43,
    not_evaluable_host_count: 0,
    not_evaluated: [],
    informational_count: 0,
    fixes: [],
    stale_feed_count: 0,
    catalogue: { built_at: "2026-11-24T10:00:00Z", sample: false, claim_count: 1, vulnerability_count: 1 },
  };
  test("says what is open, where, and how much of it is exploited", () => {
    expect(stateSentence(summary)).toBe("14 open on 41 of 43 judged hosts, 3 known to be exploited");
  });
  test("nothing open is only said of hosts that were judged", () => {
    expect(stateSentence({ ...summary, findings: none, assessed_host_count: 1 })).toBe("Nothing open on 1 judged host");
  });
  test("nothing judged never reads as nothing open", () => {
    expect(stateSentence({ ...summary, findings: none, assessed_host_count: 0 })).toBe("No host has been judged yet");
    expect(stateSentence({ ...summary, catalogue: null })).toMatch(/^Nothing has been judged yet/);
  });
});

test("hosts that were not judged are counted, and none is not mentioned", () => {
  expect(notJudgedWords(0)).toBeNull();
  expect(notJudgedWords(1)).toBe("Not evaluable on 1 host: nothing, or not all, is said about it");
  expect(notJudgedWords(3)).toBe("Not evaluable on 3 hosts: nothing, or not all, is said about them");
});

test("feeds that are not fresh are counted, and none is not mentioned", () => {
  expect(staleFeedsWords(0)).toBeNull();
  expect(staleFeedsWords(1)).toBe("1 feed is older than it should be, or failed");
  expect(staleFeedsWords(2)).toBe("2 feeds are older than they should be, or failed");
});

test.each([
  ["debian-tracker", "Debian"],
  ["nvd", "NVD"],
  ["nvd@nist.gov", "NVD"],
  ["redhat-csaf", "Red Hat"],
  ["ubuntu-vex", "Ubuntu"],
])("%s rates as %s", (source, word) => {
  expect(raterWord(source)).toBe(word);
});

test("a gap says of how many hosts, and why", () => {
  expect(gapWords({ what: "python_packages", why: "no PyPI", host_count: 12 })).toBe("Python packages on 12 hosts: no PyPI");
  expect(gapWords({ what: "host", why: "they were never visited", host_count: 1 })).toBe("1 host: they were never visited");
});

test("a name tells who speaks of it", () => {
  expect(originWords("openssl")).toBeNull();
  expect(originWords("nvd/openssl")).toContain("no finding");
  expect(originWords("app/nginx")).toContain("outside of packages");
});
