import { describe, expect, test } from "vitest";

import { matchPress, pressName } from "./match";

const bindings = ["g h", "g p", "/", "mod+k", "?"];

describe("matching a press", () => {
  test("a single key", () => {
    expect(matchPress(bindings, "", "/")).toEqual({ keys: "/", pending: "" });
  });
  test("a sequence takes two presses", () => {
    const first = matchPress(bindings, "", "g");
    expect(first).toEqual({ keys: null, pending: "g" });
    expect(matchPress(bindings, first.pending, "h")).toEqual({ keys: "g h", pending: "" });
  });
  test("a broken sequence starts over with its last key", () => {
    expect(matchPress(bindings, "g", "/")).toEqual({ keys: "/", pending: "" });
    expect(matchPress(bindings, "g", "x")).toEqual({ keys: null, pending: "" });
  });
  test("Ctrl and Cmd are the same key", () => {
    expect(pressName({ key: "K", ctrlKey: true, metaKey: false, altKey: false })).toBe("mod+k");
    expect(pressName({ key: "k", ctrlKey: false, metaKey: true, altKey: false })).toBe("mod+k");
    expect(pressName({ key: "?", ctrlKey: false, metaKey: false, altKey: false })).toBe("?");
  });
});
