import { expect, test } from "vitest";

import { repairsOf } from "./repairs";

const problem = (code: string) => ({ code, title: "", detail: "", next: null });

test.each([
  ["LUM-SSH-HOSTKEY", ["Known hosts…", "Change the host…"]],
  ["LUM-SSH-AUTH", ["Credentials…", "Change the host…"]],
  ["LUM-VAULT-LOCKED", ["Where secrets live…", "Change the host…"]],
  ["LUM-SSH-UNREACHABLE", ["Change the host…"]],
])("%s", (code, words) => {
  expect(repairsOf(problem(code), "h").map(({ word }) => word)).toEqual(words);
});

test("an address that is kept nowhere cannot be changed", () => {
  expect(repairsOf(problem("LUM-SSH-UNREACHABLE"), null)).toEqual([]);
});
