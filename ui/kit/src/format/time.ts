// Moments and spans in words a person uses. The clock is an argument: nothing here asks for the time.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span such as `45 s`, `12 min`, `3 h`, `2 days`; the largest unit that fits, rounded down. */
export function spanWords(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < MINUTE) return `${s} s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)} min`;
  if (s < 2 * DAY) return `${Math.floor(s / HOUR)} h`;
  if (s < 60 * DAY) return `${Math.floor(s / DAY)} days`;
  if (s < 730 * DAY) return `${Math.floor(s / (30 * DAY))} months`;
  return `${Math.floor(s / (365 * DAY))} years`;
}

/** A span to two units, such as `1 h 30 min`, for durations that a person reads. */
export function exactSpan(seconds: number): string {
  const parts = unitsOf(seconds);
  const first = parts.findIndex(([amount]) => amount > 0);
  return first < 0 ? "0 s" : written(parts.slice(first, first + 2));
}

/** A span with all its units, such as `1 d 2 h 30 min`, for fields: what is read back from there is the same span. */
export function wholeSpan(seconds: number): string {
  return written(unitsOf(seconds)) || "0 s";
}

type Units = [amount: number, unit: string][];

function unitsOf(seconds: number): Units {
  const whole = Math.max(0, Math.round(seconds));
  return [
    [Math.floor(whole / DAY), "d"],
    [Math.floor((whole % DAY) / HOUR), "h"],
    [Math.floor((whole % HOUR) / MINUTE), "min"],
    [whole % MINUTE, "s"],
  ];
}

function written(units: Units): string {
  return units
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

/** A duration measured in milliseconds, such as `840 ms`, `3.2 s` or `2 min 5 s`. */
export function durationWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return exactSpan(ms / 1000);
}

/** How long ago (or how soon) a moment is, such as `3 min ago`, `just now`, `in 2 h`. */
export function relativeWords(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000;
  if (Number.isNaN(seconds)) return "at an unknown time";
  if (Math.abs(seconds) < 10) return "just now";
  return seconds > 0 ? `${spanWords(seconds)} ago` : `in ${spanWords(-seconds)}`;
}

/** The moment to the second, in the reader's own time zone. */
export function localMoment(at: Date): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" }).format(at);
}

/** The exact moment, in the reader's own time zone and in UTC. */
export function exactWords(at: Date): string {
  if (Number.isNaN(at.getTime())) return "not a date";
  return `${localMoment(at)} (${at.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC")})`;
}

/** Day and minute in the reader's own time zone, such as `22 Nov, 03:15`. */
export function shortMoment(at: Date): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);
}

/** The minute of a moment in the reader's own time zone, with its day unless that is today: `14:02`, `22 Nov, 03:15`. */
export function clockWords(at: Date, now: Date): string {
  if (at.toDateString() !== now.toDateString()) return shortMoment(at);
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);
}
