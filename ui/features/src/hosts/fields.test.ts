import { expect, test } from "vitest";

import { changedFields, NEW_HOST } from "./fields";

const BEFORE = { ...NEW_HOST, name: "web-1", address: "192.0.2.1", tags: ["web"], notes: "first" };

test("a note that is changed takes no tags back", () => {
  expect(changedFields(BEFORE, { ...BEFORE, port: 22, notes: "second" })).toEqual({ notes: "second" });
});

test("what is emptied is a change too", () => {
  expect(changedFields(BEFORE, { ...BEFORE, port: 2222, tags: [], notes: "", enabled: false })).toEqual({ port: 2222, tags: [], notes: "", enabled: false });
});
