import { CallError } from "@luumen/backend";
import { expect, test } from "vitest";

import { hasCode, whyAndNext } from "./problem";

test.each([
  ["no catalogue is on this device", "import one", "no catalogue is on this device. Import one."],
  ["The key was refused.", "Try another key.", "The key was refused. Try another key."],
  ["timed out", null, "timed out."],
  ["", "Try again", "Try again."],
])("%j and %j", (detail, next, expected) => {
  expect(whyAndNext({ detail, next })).toBe(expected);
});

test("a failure is known by its code, and by no other error's words", () => {
  const failed = new CallError("export_hosts", { code: "LUM-EXPORT-TAKEN", title: "", detail: "", next: null });
  expect(hasCode(failed, "LUM-EDIT-TAKEN", "LUM-EXPORT-TAKEN")).toBe(true);
  expect(hasCode(failed, "LUM-EXPORT")).toBe(false);
  expect(hasCode(new Error("LUM-EXPORT-TAKEN"), "LUM-EXPORT-TAKEN")).toBe(false);
});
