import type { Exception } from "@luumen/api-client";
import { describe, expect, test } from "vitest";

import { change, coversWords, creation, dayOf, fieldsOf, findExceptions, missing, newFields, type ExceptionFields } from "./fields";

const now = new Date(2026, 10, 24, 12);
const filled: ExceptionFields = { ...newFields(now, { vulnerability: "CVE-1", package: "openssl" }), reason: " behind a proxy " };
const lastMoment = new Date("2026-12-01T23:59:59").toISOString();

test("a new exception runs out after three months", () => {
  expect(newFields(now).expires).toBe("2027-02-22");
});

describe("what the server is told", () => {
  test("only what was written, trimmed", () => {
    expect(creation({ ...filled, expires: "2026-12-01" })).toEqual({
      kind: "risk_accepted",
      vulnerability: "CVE-1",
      package: "openssl",
      reason: "behind a proxy",
      expires_at: lastMoment,
    });
  });
  test.each([
    [{ scope: "tag", tag: "lab", host: "h" }, { tag: "lab" }],
    [{ scope: "host", tag: "lab", host: "h" }, { host: "h" }],
    [{ scope: "all", tag: "lab", host: "h" }, {}],
  ] as const)("of the hosts only the chosen scope: %o", (fields, expected) => {
    const { tag, host } = creation({ ...filled, ...fields });
    expect({ ...(tag && { tag }), ...(host && { host }) }).toEqual(expected);
  });
  test("no day means that it never expires", () => {
    expect(creation({ ...filled, expires: "" }).expires_at).toBeUndefined();
    expect(change({ ...filled, expires: "" }, filled).never_expires).toBe(true);
    expect(change({ ...filled, expires: "2026-12-01" }, filled)).toMatchObject({ expires_at: lastMoment, owner: "" });
  });
  test.each(["2026-12-01", "2026-11-24", "2025-01-01", ""])("the day %j stays as it was when only something else is new", (expires) => {
    const before = { ...filled, expires };
    expect(change({ ...before, ticket: " SEC-2 " }, before)).toEqual({
      kind: "risk_accepted",
      reason: "behind a proxy",
      owner: "",
      ticket: "SEC-2",
    });
  });
});

test.each<[Partial<ExceptionFields>, string | null]>([
  [{}, null],
  [{ vulnerability: "" }, null],
  [{ vulnerability: " ", package: "" }, "Name a vulnerability, a package, or both"],
  [{ scope: "tag" }, "Name the tag"],
  [{ scope: "host" }, "Choose the host"],
  [{ reason: "  " }, "Write the reason"],
  [{ expires: "2026-11-23" }, "The last day lies in the past"],
  [{ expires: dayOf(now) }, null],
])("with %o is missing: %s", (fields, words) => {
  expect(missing({ ...filled, ...fields }, now, filled)).toBe(words);
});

test("an exception that has ended can be edited, and only a day that is chosen now must not lie in the past", () => {
  const ended = { ...filled, expires: "2026-11-01" };
  expect(missing({ ...ended, ticket: "SEC-2" }, now, ended)).toBeNull();
  expect(missing({ ...ended, expires: "2026-11-23" }, now, ended)).toBe("The last day lies in the past");
});

const exception: Exception = {
  id: "e",
  state: "active",
  kind: "fix_planned",
  vulnerability: "CVE-1",
  package: "openssl",
  tag: "lab",
  reason: "next window",
  owner: "Ada",
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
};

test("an exception fills its own form", () => {
  expect(fieldsOf(exception)).toMatchObject({ scope: "tag", tag: "lab", expires: "", owner: "Ada", kind: "fix_planned" });
});

test.each<[Partial<Exception>, string]>([
  [{}, "CVE-1 in openssl on hosts with the tag lab"],
  [{ package: null, tag: null }, "CVE-1 in every package on all hosts"],
  [{ vulnerability: null, tag: null, host: { id: "h", name: "db-1" } }, "everything in openssl on db-1"],
])("%o covers: %s", (part, words) => {
  expect(coversWords({ ...exception, ...part })).toBe(words);
});

test("a search reads all of an exception", () => {
  expect(findExceptions([exception], "ada window")).toHaveLength(1);
  expect(findExceptions([exception], "ada door")).toHaveLength(0);
});
