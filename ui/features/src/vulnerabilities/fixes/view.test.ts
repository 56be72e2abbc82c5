import { expect, test } from "vitest";

import { fixesQuery, fixSentence, readFixesView, targetWords, writeFixesView, type FixesView } from "./view";

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

test("an update says what it closes", () => {
  expect(fixSentence(fix)).toBe("Upgrade openssl on 41 hosts closes 14 vulnerabilities");
  expect(fixSentence({ ...fix, host_count: 1, vulnerability_count: 1 })).toBe("Upgrade openssl on 1 host closes 1 vulnerability");
});

test("a target says what its channel needs", () => {
  const target = { platform: "ubuntu/18.04", fixed_version: "1.1", host_count: 1, vulnerability_count: 1 };
  expect(targetWords(target)).toBe("1.1 on ubuntu/18.04");
  expect(targetWords({ ...target, channel: "esm-infra" })).toBe("1.1 on ubuntu/18.04, needs Ubuntu Pro (esm-infra)");
});
