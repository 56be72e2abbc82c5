// Key chords as they are written, matched and refused. A shell's own keys are never taken from it.
import { latinKey, signsAt } from "@luumen/kit/keyboard";

export type Platform = "mac" | "other";

/** `Ctrl+C` and the like belong to the shell wherever Ctrl is not the system's own key for commands. */
export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}

const NAMED: Record<string, string> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Escape: "esc",
  " ": "space",
  PageUp: "pageup",
  PageDown: "pagedown",
};

const ORDER = ["cmd", "ctrl", "alt", "shift"] as const;
const MODIFIERS = new Set(["Control", "Alt", "Shift", "Meta", "AltGraph"]);

/** A press as a chord, such as `ctrl+shift+t`; null for a modifier alone. */
export function chordOf(press: Press): string | null {
  if (MODIFIERS.has(press.key)) return null;
  const key = keyName(press);
  // `?` is written with Shift on some keyboards and without on others: alone, the sign says all.
  const alone = !press.ctrlKey && !press.altKey && !press.metaKey && /^[^a-z]$/.test(key);
  return written(press, key, press.shiftKey && !alone);
}

/**
 * Everything that a press may mean, what was pressed first. A sign is written with Shift on one keyboard, without on the
 * next, and not at all on a third, where it is in the place that it has on the American one.
 */
export function chordsOf(press: Press): string[] {
  const chord = chordOf(press);
  if (chord === null) return [];
  return [...new Set([chord, ...spellings(press)])];
}

function spellings(press: Press): string[] {
  const { key, code, ctrlKey, altKey, metaKey, shiftKey } = press;
  if (altKey || !(ctrlKey || metaKey)) return [];
  const sign = /^[\p{P}\p{S}]$/u.test(key);
  // Ctrl with a sign is the shell's, and so is what it might be elsewhere; but no shell knows Ctrl and plus.
  if (!metaKey && !shiftKey) return key === "+" ? [written(press, key, true)] : [];
  const signs = sign ? [written(press, key, shiftKey), written(press, key, false)] : [];
  // Where plus has a key of its own (German, Italian, Spanish), it is a star with Shift.
  const plus = key === "*" && code.startsWith("Bracket") ? [written(press, "+", true)] : [];
  // A letter is what it says, wherever it is.
  const placed = /^[a-z]$/i.test(key) ? [] : signsAt(code).map((each) => written(press, each, shiftKey));
  return [...signs, ...plus, ...placed];
}

function written({ metaKey, ctrlKey, altKey }: Press, key: string, shift: boolean): string {
  return [metaKey && "cmd", ctrlKey && "ctrl", altKey && "alt", shift && "shift", key].filter(Boolean).join("+");
}

function keyName(press: Press): string {
  const { code, ctrlKey, altKey, metaKey, shiftKey } = press;
  // With Shift or Alt a digit's key writes something else on every keyboard; its place does not change.
  if (/^Digit\d$/.test(code) && (shiftKey || altKey) && (ctrlKey || metaKey || altKey)) return code.slice(-1);
  if (/^Key[A-Z]$/.test(code) && altKey) return code.slice(-1).toLowerCase();
  const key = latinKey(press);
  return NAMED[key] ?? key.toLowerCase();
}

/** A chord in the one way it is written; `mod` is Cmd on a Mac and Ctrl elsewhere. Null when it is none. */
export function normalChord(text: string, platform: Platform): string | null {
  const parts = text.trim().toLowerCase().split("+");
  // The last part may be a plus sign itself.
  const key = parts.at(-1) === "" ? "+" : parts.at(-1);
  const held = new Set(parts.slice(0, parts.at(-1) === "" ? -2 : -1).map((part) => (part === "mod" ? (platform === "mac" ? "cmd" : "ctrl") : part)));
  if (!key || [...held].some((part) => !(ORDER as readonly string[]).includes(part))) return null;
  return [...ORDER.filter((part) => held.has(part)), key].join("+");
}

/** Why a chord cannot be had in a terminal, or null. */
export function belongsToShell(chord: string, platform: Platform): string | null {
  const parts = chord.split("+");
  const key = chord.endsWith("++") ? "+" : (parts.at(-1) ?? "");
  const held = new Set(parts.slice(0, -1));
  if (held.has("cmd") && platform === "mac") return null;
  if (held.has("ctrl") && !held.has("shift") && !held.has("alt")) {
    if (/^[a-z@[\]\\^_?/ 2-8-]$/.test(key) || key === "space") return `Ctrl+${key.toUpperCase()} is a key of the shell`;
    return /^(tab|pageup|pagedown|f\d+|insert|[019,.;='`+])$/.test(key) ? null : `Ctrl and ${key} is a key of many programs`;
  }
  if (held.has("alt") && !held.has("ctrl")) return "Alt with a key is Meta to the shell";
  if (held.has("ctrl") || held.has("cmd")) return null;
  if (held.has("shift") && /^(insert|pageup|pagedown)$/.test(key)) return null;
  return "a key without Ctrl or Cmd is typed into the shell";
}

/** A chord as a person reads it. */
export function writtenChord(chord: string, platform: Platform): string[] {
  const names: Record<string, string> =
    platform === "mac"
      ? { ctrl: "⌃", alt: "⌥", shift: "⇧", cmd: "⌘" }
      : { ctrl: "Ctrl", alt: "Alt", shift: "Shift", cmd: "Super" };
  const keys: Record<string, string> = { left: "←", right: "→", up: "↑", down: "↓", esc: "Esc", pageup: "Page Up", pagedown: "Page Down", "": "+" };
  return chord
    .replace(/\+\+$/, "+plus")
    .split("+")
    .map((part) => names[part] ?? keys[part] ?? (part === "plus" ? "+" : part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1)));
}

export function platformOf(agent: string): Platform {
  return /Mac|iPhone|iPad/.test(agent) ? "mac" : "other";
}
