import { expect, test } from "vitest";

import { questionWords, readPackagesView, writePackagesView, type PackagesView } from "./view";

test.each<PackagesView>([
  { q: "", name: null, op: null, version: "" },
  { q: "ssl", name: "openssl", op: "lt", version: "3.0.7" },
])("the package search survives the URL: %o", (view) => {
  expect(readPackagesView(writePackagesView(view))).toEqual(view);
});

test("an unknown operator is none", () => {
  expect(readPackagesView({ name: "bash", op: "like" }).op).toBeNull();
});

test("the question is said in words", () => {
  expect(questionWords({ q: "", name: "openssl", op: "lt", version: "3.0.7" })).toBe("openssl < 3.0.7");
  expect(questionWords({ q: "", name: "openssl", op: "lt", version: "" })).toBe("openssl");
});
