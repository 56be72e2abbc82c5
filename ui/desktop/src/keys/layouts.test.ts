// Every key that we start with, pressed as people press it on keyboards of three countries.
import { describe, expect, test } from "vitest";

import { ACTIONS, actionOf, bindingsOf } from "./actions";
import { chordsOf, type Platform, type Press } from "./chords";

/** What a key writes without Shift and with it, by its place. */
type Layout = Readonly<Record<string, string>>;

/** One row of a keyboard: its places, and what they write without Shift and with it. */
const row = (places: string[], plain: string, shifted: string): Layout => {
  const writes = [...shifted];
  return Object.fromEntries([...plain].map((each, index) => [places[index] ?? "", each + (writes[index] ?? "")]));
};
const letters = (text: string) => [...text].map((letter) => `Key${letter}`);
const TOP = ["Backquote", ..."1234567890".split("").map((digit) => `Digit${digit}`), "Minus", "Equal"];
const UPPER = [...letters("QWERTYUIOP"), "BracketLeft", "BracketRight"];
const MIDDLE = [...letters("ASDFGHJKL"), "Semicolon", "Quote", "Backslash"];
const LOWER = [...letters("ZXCVBNM"), "Comma", "Period", "Slash"];
const keyboard = (...rows: [string, string][]): Layout =>
  Object.assign({}, ...[TOP, UPPER, MIDDLE, LOWER].map((places, index) => row(places, ...(rows[index] ?? ["", ""]))));

const LAYOUTS: Record<string, Layout> = {
  American: keyboard(["`1234567890-=", "~!@#$%^&*()_+"], ["qwertyuiop[]", "QWERTYUIOP{}"], ["asdfghjkl;'\\", 'ASDFGHJKL:"|'], ["zxcvbnm,./", "ZXCVBNM<>?"]),
  German: keyboard(["^1234567890ß´", '°!"§$%&/()=?`'], ["qwertzuiopü+", "QWERTZUIOPÜ*"], ["asdfghjklöä#", "ASDFGHJKLÖÄ'"], ["yxcvbnm,.-", "YXCVBNM;:_"]),
  Russian: keyboard(["ё1234567890-=", 'Ё!"№;%:?*()_+'], ["йцукенгшщзхъ", "ЙЦУКЕНГШЩЗХЪ"], ["фывапролджэ\\", "ФЫВАПРОЛДЖЭ/"], ["ячсмитьбю.", "ЯЧСМИТЬБЮ,"]),
};

const NAMED: Record<string, string> = { left: "ArrowLeft", right: "ArrowRight", up: "ArrowUp", down: "ArrowDown", tab: "Tab", enter: "Enter", pageup: "PageUp", pagedown: "PageDown" };

/** How a person presses a chord: the key that bears the sign, else the one in its place. */
function pressesOf(chord: string, layout: Layout): Press[] {
  const key = chord.endsWith("+") ? "+" : (chord.split("+").at(-1) ?? "");
  const held = new Set(chord.slice(0, -key.length).split("+"));
  const press = (code: string, writes: string, shift: boolean): Press => ({ key: writes, code, ctrlKey: held.has("ctrl"), altKey: held.has("alt"), metaKey: held.has("cmd"), shiftKey: shift });
  const named = NAMED[key];
  if (named) return [press(named, named, held.has("shift"))];
  const bears = Object.entries(layout).find(([, writes]) => writes.includes(key));
  const inPlace = Object.entries(LAYOUTS.American ?? {}).find(([, writes]) => writes.includes(key))?.[0] ?? "";
  const [code, writes] = bears ?? [inPlace, layout[inPlace] ?? ""];
  const needsShift = bears !== undefined && writes.indexOf(key) === 1;
  const shift = held.has("shift") || needsShift;
  const usual = press(code, writes[shift ? 1 : 0] ?? "", shift);
  // A chord may name Shift only because the sign needs it on the American keyboard.
  const withoutShift = !needsShift && key === "+" ? [press(code, key, false)] : [];
  return [usual, ...withoutShift];
}

describe.each(Object.entries(LAYOUTS))("on the %s keyboard", (_, layout) => {
  describe.each(["mac", "other"] as Platform[])("of %s", (platform) => {
    const bindings = bindingsOf({}, platform);
    const found = (press: Press) => chordsOf(press).map((chord) => actionOf(bindings, chord, false)).find((each) => each !== null);

    test.each(ACTIONS.map((action) => [action.id, action[platform]] as const))("%s is %s", (id, keys) => {
      const [first = "", second] = keys.split(" ");
      for (const press of pressesOf(first, layout)) {
        if (second === undefined) expect([press, found(press)]).toEqual([press, id]);
        else expect(chordsOf(press)[0]).toBe(first);
      }
      // What follows belongs to the first key and is looked up by its one name.
      for (const press of second === undefined ? [] : pressesOf(second, layout)) expect(chordsOf(press)[0]).toBe(second);
    });
  });
});

const press = (key: string, code: string, held: string): Press => ({ key, code, ctrlKey: held.includes("c"), altKey: held.includes("a"), shiftKey: held.includes("s"), metaKey: held.includes("m") });

test.each([
  ["mac", "bigger", press("=", "Equal", "m")],
  ["mac", "bigger", press("+", "NumpadAdd", "m")],
  ["other", "bigger", press("+", "NumpadAdd", "c")],
  ["mac", "next_tab", press("]", "BracketRight", "ms")],
  ["mac", "next_tab", press("}", "BracketRight", "ms")],
  ["other", "smaller", press("°", "Minus", "cs")],
] as [Platform, string, Press][])("on %s, %s is also %j", (platform, id, pressed) => {
  const bindings = bindingsOf({}, platform);
  expect(chordsOf(pressed).map((chord) => actionOf(bindings, chord, true)).find((each) => each !== null)).toBe(id);
});

test.each([
  press("_", "Digit8", "c"),
  press("_", "Minus", "c"),
  press("-", "Minus", "c"),
  press("ю", "Period", "c"),
  press("с", "KeyC", "c"),
  press("с", "KeyC", ""),
  press("m", "Semicolon", "c"),
  press("]", "Digit9", "ca"),
])("in a terminal, %j is left to the shell", (pressed) => {
  const bindings = bindingsOf({ find: "ctrl+;" }, "other");
  for (const chord of chordsOf(pressed)) expect(actionOf(bindings, chord, true)).toBeNull();
});
