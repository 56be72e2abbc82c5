import { expect, test } from "vitest";

import { readHostView, writeHostView, type HostView } from "./hostView";

test.each<HostView>([
  { tab: "facts", snapshot: null, asOf: null, from: null, to: null, q: "", editing: false },
  { tab: "history", snapshot: null, asOf: null, from: "a", to: "b", q: "", editing: false },
  { tab: "packages", snapshot: "s", asOf: "2026-11-22T03:00:00Z", from: null, to: null, q: "ssl", editing: true },
  { tab: "facts", snapshot: null, asOf: null, from: null, to: null, q: "permitrootlogin", editing: false },
  {
    tab: "packages",
    snapshot: null,
    asOf: null,
    from: null,
    to: null,
    q: "",
    editing: false,
    sorting: { column: "size_bytes", descending: true },
  },
  {
    tab: "vulnerabilities",
    snapshot: null,
    asOf: null,
    from: null,
    to: null,
    q: "ssl",
    editing: false,
    findings: { severity: ["critical", "high"], state: "not_evaluable", informational: false, finding: "CVE-2022-0778 openssl" },
  },
  {
    tab: "vulnerabilities",
    snapshot: null,
    asOf: null,
    from: null,
    to: null,
    q: "",
    editing: false,
    findings: { severity: [], state: null, informational: true, finding: null },
  },
])("a host's view survives the URL: %o", (view) => {
  expect(readHostView(writeHostView(view))).toEqual(view);
});

test("an unknown tab is the first one", () => {
  expect(readHostView({ tab: "nope" }).tab).toBe("facts");
});

test("packages are sorted by what they have, and by name without a word", () => {
  expect(readHostView({ tab: "packages", sort: "-colour" }).sorting).toBeUndefined();
  expect(readHostView({ tab: "facts", sort: "version" }).sorting).toBeUndefined();
  const usual = { ...readHostView({ tab: "packages" }), sorting: { column: "name", descending: false } };
  expect(writeHostView(usual)).toEqual({ tab: "packages" });
});
