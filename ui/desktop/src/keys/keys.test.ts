import { describe, expect, test } from "vitest";

import { ACTIONS, actionOf, bindingsOf, refusal, takenBy } from "./actions";
import { belongsToShell, chordOf, normalChord, writtenChord, type Platform, type Press } from "./chords";

const press = (key: string, held = "", code = ""): Press => ({
  key,
  code,
  ctrlKey: held.includes("c"),
  altKey: held.includes("a"),
  shiftKey: held.includes("s"),
  metaKey: held.includes("m"),
});

describe("a press as a chord", () => {
  test.each([
    [press("k", "c"), "ctrl+k"],
    [press("K", "cs"), "ctrl+shift+k"],
    [press("Tab", "c"), "ctrl+tab"],
    [press("ArrowLeft", "ca"), "ctrl+alt+left"],
    [press("?", "s"), "?"],
    [press("?", "cs"), "ctrl+shift+?"],
    [press("!", "cs", "Digit1"), "ctrl+shift+1"],
    [press("π", "am", "KeyP"), "cmd+alt+p"],
    [press("Control", "c"), null],
  ])("%j", (event, chord) => {
    expect(chordOf(event)).toBe(chord);
  });
});

test.each([
  ["Shift+Ctrl+T", "other", "ctrl+shift+t"],
  ["mod+k", "mac", "cmd+k"],
  ["mod+k", "other", "ctrl+k"],
  ["ctrl++", "other", "ctrl++"],
  ["hyper+k", "other", null],
] as [string, Platform, string | null][])("%s on %s is written %s", (text, platform, chord) => {
  expect(normalChord(text, platform)).toBe(chord);
});

describe("the shell's own keys", () => {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"].map((letter) => `ctrl+${letter}`);
  test.each([...letters, "ctrl+[", "ctrl+\\", "ctrl+]", "ctrl+_", "ctrl+space", "ctrl+left", "alt+b", "alt+.", "f1", "enter", "tab", "esc", "a", "up"])(
    "%s cannot be had",
    (chord) => {
      expect(belongsToShell(chord, "other")).not.toBeNull();
    },
  );

  test.each(["ctrl+shift+c", "ctrl+tab", "ctrl+pageup", "ctrl+alt+left", "shift+insert"])("%s can", (chord) => {
    expect(belongsToShell(chord, "other")).toBeNull();
  });

  test("on a Mac, Cmd is ours and Ctrl is the shell's", () => {
    expect(belongsToShell("cmd+c", "mac")).toBeNull();
    expect(belongsToShell("ctrl+c", "mac")).not.toBeNull();
  });
});

describe.each(["mac", "other"] as Platform[])("the keys we start with on %s", (platform) => {
  const bindings = bindingsOf({}, platform);

  test.each(ACTIONS.map((action) => [action.id, action] as const))("%s is no key of the shell", (_, action) => {
    expect(refusal(action, action[platform], platform)).toBeNull();
  });

  test("no two actions have the same", () => {
    for (const { id } of ACTIONS) expect(takenBy(bindings, id, bindings.get(id) ?? "")).toBeNull();
  });

  test("each is written in the normal way", () => {
    for (const action of ACTIONS) {
      for (const chord of action[platform].split(" ")) expect(normalChord(chord, platform)).toBe(chord);
    }
  });
});

describe("a person's own keys", () => {
  test("are in force, and what would be the shell's is not", () => {
    const bindings = bindingsOf({ new_tab: "ctrl+shift+y", find: "ctrl+r", copy: "" }, "other");
    expect(bindings.get("new_tab")).toBe("ctrl+shift+y");
    expect(bindings.get("find")).toBe("ctrl+shift+f");
    expect(bindings.has("copy")).toBe(false);
  });

  test("outside of terminals any key will do", () => {
    expect(bindingsOf({ help: "ctrl+h" }, "other").get("help")).toBe("ctrl+h");
  });
});

test("in a terminal, Ctrl+K is the shell's and Ctrl+Shift+K is ours", () => {
  const bindings = bindingsOf({}, "other");
  expect(actionOf(bindings, "ctrl+k", true)).toBeNull();
  expect(actionOf(bindings, "ctrl+k", false)).toBe("palette_outside");
  expect(actionOf(bindings, "ctrl+shift+k", true)).toBe("palette");
});

test("chords are written for people", () => {
  expect(writtenChord("ctrl+shift+t", "other")).toEqual(["Ctrl", "Shift", "T"]);
  expect(writtenChord("cmd++", "mac")).toEqual(["⌘", "+"]);
});
