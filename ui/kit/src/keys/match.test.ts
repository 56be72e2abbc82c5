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
  const press = (key: string, code: string, held = "") => ({ key, code, ctrlKey: held.includes("c"), metaKey: held.includes("m"), altKey: false, shiftKey: held.includes("s") });
  test("Ctrl and Cmd are the same key", () => {
    expect(pressName(press("K", "KeyK", "cs"))).toBe("mod+k");
    expect(pressName(press("k", "KeyK", "m"))).toBe("mod+k");
    expect(pressName(press("?", "Slash", "s"))).toBe("?");
  });
  test.each([
    ["Russian", press("л", "KeyK", "c"), "mod+k"],
    ["Russian", press("п", "KeyG"), "g"],
    ["Russian", press("?", "Digit7", "s"), "?"],
    ["Greek", press("κ", "KeyK", "c"), "mod+k"],
    ["Hebrew", press("ל", "KeyK", "c"), "mod+k"],
    ["Turkish", press("ı", "KeyI", "c"), "mod+i"],
    ["German", press("ö", "Semicolon", "c"), "mod+ö"],
    ["German", press("z", "KeyY", "c"), "mod+z"],
  ])("on a %s keyboard %j is %s", (_, event, name) => {
    expect(pressName(event)).toBe(name);
  });
});
