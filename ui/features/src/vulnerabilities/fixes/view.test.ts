import { expect, test } from "vitest";

import { fixesQuery, fixesSentence, fixSentence, readFixesView, targetWords, writeFixesView, type FixesView } from "./view";

test.each<FixesView>([
  { q: "", sort: "priority", open: null },
  { q: "severity:critical ssl", sort: "hosts", open: "openssl" },
])("the view of the fixes survives the URL: %o", (view) => {
  expect(readFixesView(writeFixesView(view))).toEqual(view);
});

test("what cannot narrow fixes is said", () => {
  const { query, problems } = fixesQuery({ q: "kev:yes fix:none ssl", sort: "findings", open: null });
  expect(query).toEqual({ q: "ssl", kev: true, sort: "findings" });
  expect(problems).toEqual(["“fix” does not narrow fixes and is left out"]);
});

const fix = {
  package: "openssl",
  targets: [],
  host_count: 41,
  vulnerability_count: 14,
  finding_count: 90,
  severity: "high" as const,
  kev_count: 0,
  vulnerabilities: [],
};

test("the heading counts what the filter matches, and says nothing without a catalogue", () => {
  const catalogue = { built_at: "2026-11-22T02:00:00Z", sample: false, claim_count: 9, vulnerability_count: 7 };
  expect(fixesSentence(0, false, catalogue)).toBe("No update would close anything");
  expect(fixesSentence(2, false, catalogue)).toBe("2 updates would close what has a fix");
  expect(fixesSentence(0, true, catalogue)).toBe("0 updates match the filter");
  expect(fixesSentence(1, true, catalogue)).toBe("1 update matches the filter");
  for (const none of [null, undefined]) expect(fixesSentence(0, false, none)).toBeUndefined();
});

test("an update says what it closes", () => {
  expect(fixSentence(fix)).toBe("Upgrade openssl on 41 hosts closes 14 vulnerabilities");
  expect(fixSentence({ ...fix, host_count: 1, vulnerability_count: 1 })).toBe("Upgrade openssl on 1 host closes 1 vulnerability");
});

test("a target says what its channel needs", () => {
  const target = { platform: "ubuntu/18.04", fixed_version: "1.1", host_count: 1, vulnerability_count: 1 };
  expect(targetWords(target)).toBe("1.1 on ubuntu/18.04");
  expect(targetWords({ ...target, channel: "esm-infra" })).toBe("1.1 on ubuntu/18.04, needs Ubuntu Pro (esm-infra)");
});
