import { describe, expect, test } from "vitest";

import { hasTerm, quoted, replaceTerm, splitTerms, termAt, toggleTerm } from "./terms";

describe("terms", () => {
  test("spaces separate, quotes keep together", () => {
    expect(splitTerms('os:debian  tag:"two words" -web').map((term) => term.text)).toEqual([
      "os:debian",
      'tag:"two words"',
      "-web",
    ]);
    expect(splitTerms('"open quote').map((term) => term.text)).toEqual(['"open quote']);
    expect(splitTerms("   ")).toEqual([]);
  });

  test("the caret finds its term", () => {
    expect(termAt("os:debian pkg:ope", 17).text).toBe("pkg:ope");
    expect(termAt("os:debian pkg:ope", 4).text).toBe("os:debian");
    expect(termAt("os:debian ", 10)).toEqual({ text: "", start: 10, end: 10 });
  });

  test("a suggestion replaces the term and leaves room for the next", () => {
    expect(replaceTerm("os:debian sta", 13, "state:stale")).toEqual({ text: "os:debian state:stale ", caret: 22 });
    expect(replaceTerm("sta os:debian", 3, "state:")).toEqual({ text: "state: os:debian", caret: 6 });
  });

  test("a facet toggles its term", () => {
    expect(toggleTerm("os:debian", "state:stale")).toBe("os:debian state:stale");
    expect(toggleTerm("os:debian state:stale", "os:debian")).toBe("state:stale");
    expect(hasTerm("os:debian", "os:deb")).toBe(false);
  });

  test("values with spaces are quoted", () => {
    expect(quoted("web")).toBe("web");
    expect(quoted("two words")).toBe('"two words"');
  });
});
