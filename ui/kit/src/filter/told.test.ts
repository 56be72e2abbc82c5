import { expect, test } from "vitest";

import { stillTold } from "./told";

/** A person types, the page is told now and then, and values come back; answers what stands in the field then. */
function typed(...happens: (["type" | "comes", string] | ["tell"])[]): string {
  let text = "";
  let told: readonly string[] = [];
  for (const [what, value = ""] of happens) {
    if (what === "type") text = value;
    else if (what === "tell") told = [...told, text.trim()];
    else {
      const still = stillTold(told, value);
      if (still === null) text = value;
      told = still ?? [];
    }
  }
  return text;
}

test("letters that are typed while the value is on its way stay", () => {
  expect(typed(["type", "op"], ["tell"], ["type", "ope"], ["comes", "op"])).toBe("ope");
});

test("so they do when two values are on their way, and when one of them never comes", () => {
  expect(typed(["type", "o"], ["tell"], ["type", "op"], ["tell"], ["type", "ope"], ["comes", "o"], ["comes", "op"])).toBe("ope");
  expect(typed(["type", "o"], ["tell"], ["type", "op"], ["tell"], ["type", "ope"], ["comes", "op"])).toBe("ope");
});

test("a space at the end stays, though the value comes back without it", () => {
  expect(typed(["type", "os:debian "], ["tell"], ["comes", "os:debian"])).toBe("os:debian ");
});

test("what somebody else changes is shown", () => {
  expect(typed(["type", "op"], ["tell"], ["comes", "op"], ["comes", "op state:stale"])).toBe("op state:stale");
  expect(typed(["type", "o"], ["tell"], ["comes", "o"], ["type", "op"], ["tell"], ["comes", "op"], ["comes", "o"])).toBe("o");
  expect(typed(["type", "op"], ["tell"], ["comes", "stale"], ["comes", "op"])).toBe("op");
});
