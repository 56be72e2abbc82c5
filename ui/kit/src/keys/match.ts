// Which binding a key press completes: single keys, chords with Ctrl or Cmd, and sequences such as `g h`.

import { latinKey } from "./keyboard";

/** How a press is written: `mod+k`, `?`, `j`, `Escape`. */
export function pressName(event: Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">): string {
  if (event.altKey) return `alt+${event.key.toLowerCase()}`;
  const written = latinKey(event);
  const key = written.length === 1 ? written.toLowerCase() : written;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

export interface Matched {
  /** The binding that is complete, if one is. */
  keys: string | null;
  /** What was pressed so far and may still become a binding. */
  pending: string;
}

/** Adds one press to what was pressed before. */
export function matchPress(bindings: readonly string[], pending: string, press: string): Matched {
  for (const sequence of pending ? [`${pending} ${press}`, press] : [press]) {
    if (bindings.includes(sequence)) return { keys: sequence, pending: "" };
    if (bindings.some((keys) => keys.startsWith(`${sequence} `))) return { keys: null, pending: sequence };
  }
  return { keys: null, pending: "" };
}

/** True while a person is writing, when plain letters belong to the text. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
