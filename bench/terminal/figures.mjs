// Numbers and how they are printed.

export function sorted(values) {
  return [...values].sort((a, b) => a - b);
}

export function median(values) {
  const all = sorted([values].flat());
  const middle = Math.floor(all.length / 2);
  return all.length % 2 === 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
}

/** The value that a share of all does not pass. */
export function quantile(values, share) {
  const all = sorted(values);
  return all[Math.min(all.length - 1, Math.ceil(all.length * share) - 1)];
}

/** `wanted` is a text that ends in a number: "≥ 0.85" of the ratio, or "≤ 500" of the value where there is nothing to compare with. */
export function row(what, value, unit, against, wanted) {
  const judged = against === undefined ? value : value / against;
  const parts = [what.padEnd(46), `${rounded(value)} ${unit}`.padStart(14)];
  if (against !== undefined) parts.push(`against ${rounded(against)} ${unit}`.padStart(22), `ratio ${(value / against).toFixed(2)}`.padStart(12));
  if (wanted) parts.push(`wanted ${wanted}: ${holds(judged, wanted) ? "yes" : "NO"}`);
  return parts.join("  ");
}

function holds(value, wanted) {
  const limit = Number(/[\d.]+$/.exec(wanted)[0]);
  return wanted.startsWith("≥") ? value >= limit : value <= limit;
}

function rounded(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
