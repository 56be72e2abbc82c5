import { expect, test } from "vitest";

import { exportHref, findingsHref, packageFindingsHref, readFindingsView, writeFindingsView, type FindingsView } from "./view";

const usual: FindingsView = { tab: "active", q: "", sort: "priority", descending: true, columns: null, open: null };

test.each<Partial<FindingsView>>([
  {},
  { tab: "excepted", q: "severity:critical,high kev:yes ssl" },
  { sort: "hosts", descending: false },
  { sort: "package", descending: false },
  { sort: "package", descending: true },
  { columns: ["vulnerability", "hosts"] },
  { open: { vulnerability: "CVE-2022-0778", package: "openssl" } },
  { open: { vulnerability: "GHSA-x", package: "@scope/name" } },
])("the list's view survives the URL: %o", (change) => {
  const view = { ...usual, ...change };
  expect(readFindingsView(writeFindingsView(view))).toEqual(view);
});

test("what is as usual is not written", () => {
  expect(writeFindingsView(usual)).toEqual({});
});

test("nonsense is left out", () => {
  expect(readFindingsView({ tab: "x", sort: "-y", open: "nothing" })).toEqual({ ...usual, descending: false });
});

test("an export asks for exactly what is shown", () => {
  const view = { ...usual, tab: "resolved" as const, q: "severity:high ssl" };
  expect(exportHref(view, "sarif", { package: "openssl" })).toBe(
    "/api/v1/vulnerabilities/export?format=sarif&severity=high&q=ssl&package=openssl&tab=resolved&sort=priority&descending=true",
  );
});

test("addresses hold any name", () => {
  expect(findingsHref("kev:yes")).toBe("/vulnerabilities?q=kev%3Ayes");
  expect(findingsHref("", "resolved")).toBe("/vulnerabilities?tab=resolved");
  expect(packageFindingsHref("@scope/name")).toBe("/vulnerabilities/packages/%40scope%2Fname");
});
