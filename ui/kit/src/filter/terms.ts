// A filter text taken apart and put together: terms between spaces, `-` before a term negates it,
// quotes keep spaces. What the terms mean is the server's business.

export interface Term {
  /** As written, quotes and `-` included. */
  text: string;
  start: number;
  end: number;
}

/** The terms of a filter text with their places. An open quote runs to the end. */
export function splitTerms(text: string): Term[] {
  const terms: Term[] = [];
  let start = -1;
  let quoted = false;
  for (let at = 0; at <= text.length; at += 1) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    const ends = char === undefined || (/\s/.test(char) && !quoted);
    if (!ends && start < 0) start = at;
    if (ends && start >= 0) {
      terms.push({ text: text.slice(start, at), start, end: at });
      start = -1;
    }
  }
  return terms;
}

/** The term that the caret stands in or right behind; an empty one between terms. */
export function termAt(text: string, caret: number): Term {
  const term = splitTerms(text).find(({ start, end }) => start <= caret && caret <= end);
  return term ?? { text: "", start: caret, end: caret };
}

/** A value as it stands in a filter: in quotes when it holds spaces or quotes' meaning would change. */
export function quoted(value: string): string {
  return value === "" || /\s/.test(value) ? `"${value}"` : value;
}

/** The text with the term at the caret replaced, and where the caret goes. */
export function replaceTerm(text: string, caret: number, replacement: string): { text: string; caret: number } {
  const { start, end } = termAt(text, caret);
  const open = /[:=<>]$/.test(replacement);
  const before = text.slice(0, start) + replacement;
  const after = text.slice(end).replace(/^\s+/, "");
  const gap = open && after === "" ? "" : " ";
  return { text: before + gap + after, caret: before.length + (open ? 0 : 1) };
}

/** The text with a term added, or taken away if it is there. */
export function toggleTerm(text: string, term: string): string {
  const terms = splitTerms(text).map((each) => each.text);
  const next = terms.includes(term) ? terms.filter((each) => each !== term) : [...terms, term];
  return next.join(" ");
}

/** Whether the text holds exactly this term. */
export function hasTerm(text: string, term: string): boolean {
  return splitTerms(text).some((each) => each.text === term);
}
