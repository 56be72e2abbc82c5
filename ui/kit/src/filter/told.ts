// What a field has told and not got back yet. Whoever keeps its value may take a while, and people type on meanwhile.

/**
 * What is still to come back when `value` came, or null when it is nobody's answer but somebody else's change: a facet that
 * was chosen, a step back. Answers may be left out; what was told before the one that came is over with it.
 */
export function stillTold(told: readonly string[], value: string): readonly string[] | null {
  const at = told.indexOf(value);
  return at < 0 ? null : told.slice(at + 1);
}
