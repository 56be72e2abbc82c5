// What a key means on keyboards other than the American one, where our keys are named after what that one writes.

export interface KeyPress {
  key: string;
  code: string;
  shiftKey: boolean;
}

/** What the American keyboard writes at a place, without Shift and with it. */
const SIGNS: Readonly<Record<string, readonly [string, string]>> = {
  Backquote: ["`", "~"],
  Minus: ["-", "_"],
  Equal: ["=", "+"],
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
  Backslash: ["\\", "|"],
  Semicolon: [";", ":"],
  Quote: ["'", '"'],
  Comma: [",", "<"],
  Period: [".", ">"],
  Slash: ["/", "?"],
};

/** The two signs of the American keyboard at this place; none where it has a letter, a digit or no sign. */
export function signsAt(code: string): readonly string[] {
  return SIGNS[code] ?? [];
}

/**
 * The key, or what stands in its place on a keyboard with Latin letters when it writes another script: nobody who writes
 * Cyrillic, Greek or Hebrew could press `k` otherwise. Letters such as ö or ı are somebody's own and stay, except in the
 * place of a letter of ours.
 */
export function latinKey({ key, code, shiftKey }: KeyPress): string {
  const letter = /^\p{L}$/u.test(key) && !/^[a-z]$/i.test(key);
  if (!letter) return key;
  if (/^Key[A-Z]$/.test(code)) return shiftKey ? code.slice(-1) : code.slice(-1).toLowerCase();
  if (/^\p{Script=Latin}$/u.test(key)) return key;
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? key;
}
