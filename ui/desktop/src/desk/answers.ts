// What a terminal says by itself: answers to programs that ask what it is and where its cursor stands.

const PATTERNS = [
  // What kind of terminal, what state, where the cursor is, which modes are on, how large the window is.
  /^\x1b\[[?>=]?[\d;]*[cnRtx]$/,
  /^\x1b\[\??[\d;]*\$y$/,
  // Settings and colours, as texts.
  /^\x1b[P\]][^\x07\x1b]*(\x07|\x1b\\)$/,
  // The window came to the front, or left it.
  /^\x1b\[[IO]$/,
  // Where the mouse is, and what it does. What it points at stands on this screen only.
  /^(\x1b\[<[\d;]+[Mm])+$/,
  /^\x1b\[M[^]{3}$/,
];

/**
 * Whether a text is an answer of the terminal rather than something that was typed. Only the program that asked may have it: to
 * any other shell it would be keys that nobody pressed. (F3 with Shift looks like a cursor in the first line, and stays in its pane.)
 */
export function isAnswer(text: string): boolean {
  return text.startsWith("\x1b") && PATTERNS.some((pattern) => pattern.test(text));
}
