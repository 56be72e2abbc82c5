// Spans as a person writes them in a settings field: `90 s`, `15 min`, `1 h 30 min`, `2 d`.

const SECONDS: Record<string, number> = { s: 1, min: 60, h: 3600, d: 86_400 };
const ALIASES: Record<string, string> = { sec: "s", m: "min", hour: "h", hours: "h", day: "d", days: "d" };

/** The seconds of a written span, or nothing when it is not one. A plain number is seconds. */
export function parseSpan(text: string): number | null {
  const parts = [...text.trim().toLowerCase().matchAll(/(\d+)\s*([a-z]*)\s*/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text.trim().toLowerCase()) return null;
  let sum = 0;
  for (const [, amount, unit] of parts) {
    const name = unit ? (ALIASES[unit] ?? unit) : "s";
    const seconds = SECONDS[name];
    if (seconds === undefined) return null;
    sum += Number(amount) * seconds;
  }
  return sum;
}
