import { expect, test } from "vitest";

import { fontFamily, fontName } from "./themes";

test.each([
  ["Iosevka Term", "Iosevka Term"],
  ["  Iosevka   Term ", "Iosevka Term"],
  ['"Fira Code"', "Fira Code"],
  ["a\\b\n;c", "a b c"],
  ["x".repeat(300), "x".repeat(100)],
  [" '' ", null],
])("%j is kept as %j", (typed, kept) => expect(fontName(typed)).toBe(kept));

test("a font that is not there falls back to ours", () => {
  expect(fontFamily("Iosevka Term")).toBe('"Iosevka Term", "JetBrains Mono Variable", "Noto Sans Mono CJK SC", ui-monospace, monospace');
});
