// Which entries of the palette fit what was typed, best first.

/** How well a name fits; 0 when it does not. Every word that was typed must occur. */
export function fit(name: string, typed: string): number {
  const text = name.toLowerCase();
  let score = 1;
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    if (at === 0) score += 3;
    else if (/[\s._-]/.test(text[at - 1] ?? "")) score += 2;
    else score += 1;
  }
  return score;
}

/** The entries that fit, best first, their order kept among equals. */
export function rank<T>(entries: readonly T[], typed: string, name: (entry: T) => string): T[] {
  return entries
    .map((entry) => ({ entry, score: fit(name(entry), typed) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}
