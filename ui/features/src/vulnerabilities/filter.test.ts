import { describe, expect, test } from "vitest";

import { isChosen, paramsOf, readFilter, textOf, toggleValue, type FindingFilter } from "./filter";

test.each<[string, FindingFilter]>([
  ["", {}],
  ["openssl", { q: "openssl" }],
  ["CVE-2022 ssl", { q: "CVE-2022 ssl" }],
  ["CVE-2022-0778 openssl severity:high", { q: "CVE-2022-0778 openssl", severity: "high" }],
  ["org.apache:log4j", { q: "org.apache:log4j" }],
  ['"-fno-plt" "state:stale"', { q: "-fno-plt state:stale" }],
  ["- --no-check", { q: "- --no-check" }],
  ["severity:high,critical", { severity: "critical,high" }],
  ["kev:yes fix:none", { kev: true, fix: "none" }],
  ["kev:no end_of_life:yes", { kev: false, end_of_life: true }],
  ["epss>0.1", { epss_min: 0.1 }],
  ["epss:0", { epss_min: 0 }],
  ['package:openssl os:debian/12 tag:"front end" ssl', { q: "ssl", package: "openssl", os: "debian/12", tag: "front end" }],
  ["exposure:not_evaluable host:h1", { exposure: "not_evaluable", host: "h1" }],
  ["fix:none fix:available", { fix: "available" }],
])("%s asks the server for %o", (text, filter) => {
  expect(readFilter(text)).toEqual({ filter, problems: [] });
});

test.each(["severity:hihg", "severity:high,bad", "severity:", "kev:maybe", "epss>2", "epss>", "fix:soon", "exposure:x", "package:"])(
  "%s is named as not understood, and narrows nothing",
  (text) => {
    const { filter, problems } = readFilter(text);
    expect(Object.values(filter).filter((value) => value !== undefined)).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(text);
  },
);

test.each([
  ["pkg:openssl", "package:openssl"],
  ["pkg:openssl<3.0.7", "package:openssl"],
  ["state:stale", "list of hosts"],
  ["os_version:12", "os:debian/12"],
  ["seen:<24h", "list of hosts"],
  ["-openssl", "excluded"],
  ["-os:debian", "excluded"],
])("%s belongs to the list of hosts: it is named, and is no word to look for", (text, says) => {
  const { filter, problems } = readFilter(`${text} ssl`);
  expect(filter).toEqual({ q: "ssl" });
  expect(problems).toEqual([expect.stringContaining(text)]);
  expect(problems[0]).toContain(says);
});

describe("choosing a value", () => {
  test.each([
    ["", "severity", "high", "severity:high"],
    ["severity:high ssl", "severity", "critical", "ssl severity:critical,high"],
    ["severity:critical,high", "severity", "high", "severity:critical"],
    ["severity:high", "severity", "high", ""],
    ["fix:none ssl", "fix", "available", "ssl fix:available"],
    ["fix:none", "fix", "none", ""],
    ["kev:true", "kev", "yes", ""],
    ["", "tag", "front end", 'tag:"front end"'],
    ["epss>0.10", "epss", "0.1", ""],
  ] as const)("%s with %s %s becomes %s", (text, key, value, next) => {
    expect(toggleValue(text, key, value)).toBe(next);
  });
  test("what is chosen is seen", () => {
    expect(isChosen("severity:critical,high", "severity", "high")).toBe(true);
    expect(isChosen("severity:critical", "severity", "high")).toBe(false);
    expect(isChosen("severity", "severity", "high")).toBe(false);
  });
});

test("an address in the server's own names is the same filter", () => {
  const text = textOf({ severity: "critical,high", kev: "true", epss_min: "0.5", tag: "front end", q: "ssl" });
  expect(readFilter(text)).toEqual({
    filter: { q: "ssl", severity: "critical,high", kev: true, epss_min: 0.5, tag: "front end" },
    problems: [],
  });
});

test("a filter is written into the server's address", () => {
  expect(paramsOf(readFilter("kev:yes ssl severity:high").filter)).toEqual({ kev: "true", q: "ssl", severity: "high" });
});
