// Key chords as they are written, matched and refused. A shell's own keys are never taken from it.

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
  const held = [press.metaKey && "cmd", press.ctrlKey && "ctrl", press.altKey && "alt", press.shiftKey && !alone && "shift"];
  return [...held.filter(Boolean), key].join("+");
}

function keyName({ key, code, ctrlKey, altKey, metaKey, shiftKey }: Press): string {
  // With Shift or Alt a digit's key writes something else on every keyboard; its place does not change.
  if (/^Digit\d$/.test(code) && (shiftKey || altKey) && (ctrlKey || metaKey || altKey)) return code.slice(-1);
  if (/^Key[A-Z]$/.test(code) && altKey) return code.slice(-1).toLowerCase();
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
    return /^(tab|pageup|pagedown|f\d+|insert|[019,.;='`])$/.test(key) ? null : `Ctrl and ${key} is a key of many programs`;
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
