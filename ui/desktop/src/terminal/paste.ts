// What is about to be pasted: what a person should see before a shell does. Nothing here draws or pastes.

export type PasteRisk = "lines" | "runs_at_once" | "hidden" | "bidi" | "control" | "mixed_scripts" | "pipe_to_shell";

export interface PasteReport {
  risks: PasteRisk[];
  lines: number;
  /** How many characters cannot be seen or change the order of what is seen. */
  unseen: number;
}

/** A piece of what is shown: text as it is, or a mark for a character that has no look of its own. */
export interface Piece {
  text: string;
  mark: string | null;
}

// Characters without a look: zero widths, joiners, soft hyphen, fillers, the empty braille pattern, annotations, variation selectors,
// tags, and spaces that are not a space. One that belongs to an emoji is never looked at alone: see SIGNS.
const HIDDEN = /^[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}]$/u;
const ODD_SPACE = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
// Characters that make the text read in another order than it runs.
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
// Everything that a terminal obeys instead of showing, except tab and line ends.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u;

// A text in signs: an emoji with what makes its look (one selector, a skin colour, what is joined to it) is one sign, and so is a keycap.
// Whatever else is a character of its own, so that a selector after a letter, or a second one after an emoji, is seen to be hidden.
const EMOJI = String.raw`\p{Extended_Pictographic}(?:\ufe0f|\ufe0e|\p{Emoji_Modifier})?`;
const SIGNS = new RegExp(String.raw`${EMOJI}(?:\u200d${EMOJI})*|[0-9#*]\ufe0f\u20e3|[\s\S]`, "gu");

function signsOf(text: string): string[] {
  return text.match(SIGNS) ?? [];
}

const SHELL = String.raw`(?:sudo\s+(?:-\S+\s+)*)?(?:\S*\/)?(?:env\s+)?(?:ba|z|k|da|a|fi|c|tc)?sh\b`;
const INTERPRETER = String.raw`(?:sudo\s+(?:-\S+\s+)*)?(?:\S*\/)?(?:python[\d.]*|perl|ruby|node|php)\b`;
const FETCH = String.raw`\b(?:curl|wget|fetch|aria2c|lwp-download)\b`;
const PIPES_TO_SHELL = [
  new RegExp(`${FETCH}[^\\n]*\\|\\s*(?:${SHELL}|${INTERPRETER})`, "i"),
  new RegExp(`${SHELL}\\s+(?:-\\S+\\s+)*<\\(\\s*${FETCH}`, "i"),
  new RegExp(`(?:${SHELL}\\s+-\\w*c|${INTERPRETER}\\s+-[ce]|\\beval|\\bsource|(?:^|[;&|]\\s*)\\.)\\s+["']?(?:\\$\\(|\`|<\\()\\s*${FETCH}`, "im"),
  new RegExp(`${FETCH}[^\\n]*-o\\s*(\\S+)[^\\n]*(?:&&|;)\\s*(?:${SHELL}\\s+)\\1`, "i"),
  /\b(?:iwr|irm|invoke-webrequest|invoke-restmethod)\b[^\n]*\|\s*(?:iex|invoke-expression)\b/i,
  /\b(?:iex|invoke-expression)\b[^\n]*\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b/i,
  /\bbase64\b[^\n|]*(?:-d|--decode|-D)\b[^\n]*\|\s*(?:sudo\s+)?(?:ba|z|k|da)?sh\b/i,
];

const LATIN = /\p{Script=Latin}/u;
const LOOK_ALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** What is risky about a text. */
export function inspectPaste(text: string): PasteReport {
  const body = text.replace(/\r\n?/g, "\n");
  const lines = body.replace(/\n+$/, "").split("\n").length;
  const characters = signsOf(text);
  const unseen = characters.filter((each) => HIDDEN.test(each) || ODD_SPACE.test(each) || BIDI.test(each)).length;
  const risks: PasteRisk[] = [];
  if (lines > 1) risks.push("lines");
  else if (body.endsWith("\n")) risks.push("runs_at_once");
  if (characters.some((each) => HIDDEN.test(each) || ODD_SPACE.test(each))) risks.push("hidden");
  if (characters.some((each) => BIDI.test(each))) risks.push("bidi");
  if (CONTROL.test(text)) risks.push("control");
  if (body.split(/[\s"'`;|&()<>]+/).some((word) => LATIN.test(word) && LOOK_ALIKE.test(word))) risks.push("mixed_scripts");
  if (PIPES_TO_SHELL.some((pattern) => pattern.test(joinContinued(body)))) risks.push("pipe_to_shell");
  return { risks, lines, unseen };
}

// `curl … \` continued on the next line is one command to a shell.
function joinContinued(text: string): string {
  return text.replace(/\\\n\s*/g, " ");
}

/** The text in pieces, with a mark in the place of each character that cannot be seen. */
export function visiblePieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let run = "";
  for (const each of signsOf(text.replace(/\r\n?/g, "\n"))) {
    const special = HIDDEN.test(each) || ODD_SPACE.test(each) || BIDI.test(each) || CONTROL.test(each);
    if (!special) {
      run += each;
      continue;
    }
    if (run) pieces.push({ text: run, mark: null });
    run = "";
    pieces.push({ text: each, mark: markOf(each) });
  }
  if (run) pieces.push({ text: run, mark: null });
  return pieces;
}

const NAMES: Record<number, string> = {
  0x1b: "ESC",
  0x07: "BEL",
  0x08: "BS",
  0x7f: "DEL",
  0xa0: "NBSP",
  0xad: "SHY",
  0x200b: "ZWSP",
  0x200c: "ZWNJ",
  0x200d: "ZWJ",
  0x200e: "LRM",
  0x200f: "RLM",
  0x202a: "LRE",
  0x202b: "RLE",
  0x202c: "PDF",
  0x202d: "LRO",
  0x202e: "RLO",
  0x2066: "LRI",
  0x2067: "RLI",
  0x2068: "FSI",
  0x2069: "PDI",
  0xfeff: "BOM",
};

function markOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The same text without what cannot be seen; odd spaces become spaces. */
export function withoutHidden(text: string): string {
  return signsOf(text)
    .map((each) => (ODD_SPACE.test(each) ? " " : each))
    .filter((each) => !HIDDEN.test(each) && !BIDI.test(each) && !CONTROL.test(each))
    .join("");
}

/** Lines joined with spaces, so that nothing runs before Enter is pressed. */
export function asOneLine(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter(Boolean)
    .join(" ");
}

/**
 * What may go to a terminal: characters that a terminal obeys are taken out, always. `ESC [201~` inside of a text would end a
 * bracketed paste and let the rest run.
 */
export function safeToPaste(text: string): string {
  return [...text].filter((each) => !CONTROL.test(each)).join("");
}

const LONGEST_TITLE = 120;

/** A title that a host gave its terminal, as it may stand beside names of ours; null for none. */
export function titleOf(text: string): string | null {
  const title = withoutHidden(text).trim();
  return title === "" ? null : title.slice(0, LONGEST_TITLE);
}

/** Whether a person should look before it goes. */
export function needsLook(report: PasteReport): boolean {
  return report.risks.length > 0;
}
