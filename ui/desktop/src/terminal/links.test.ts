import { expect, test } from "vitest";

import { heldForLinks, openable } from "./links";

test.each([
  ["https://luumen.example/a?b#c", true],
  ["http://127.0.0.1:8080", true],
  ["file:///etc/passwd", false],
  ["javascript:alert(1)", false],
  ["ssh://db-3", false],
  ["no address", false],
])("%s is opened: %s", (uri, opened) => expect(openable(uri)).toBe(opened));

test("the key is called as it is on the keyboard", () => {
  expect(heldForLinks("mac")).toBe("Cmd");
  expect(heldForLinks("other")).toBe("Ctrl");
});
