import { describe, expect, test } from "vitest";

import { parseSearch, safeBack, stringifySearch } from "./search";

describe("parameters of an address", () => {
  test("stay plain texts", () => {
    const search = { q: 'os:debian pkg:openssl<3.0.7 "a b"', sort: "-last_seen", n: "007" };
    expect(parseSearch(stringifySearch(search))).toEqual(search);
  });
  test("empty ones are not written", () => {
    expect(stringifySearch({ q: "", tab: undefined })).toBe("");
  });
});

describe("the way back after signing in", () => {
  test.each([
    ["/hosts?q=a", "/hosts?q=a"],
    ["//evil.example/", "/"],
    ["/\\evil.example/", "/"],
    ["https://evil.example/", "/"],
    [undefined, "/"],
  ])("%s leads to %s", (back, to) => {
    expect(safeBack(back)).toBe(to);
  });
});
