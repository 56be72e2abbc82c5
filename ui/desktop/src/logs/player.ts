// A recorded session as a player needs it: what is on the screen at a moment, and where the next moment is. Nothing here draws.
import type { contract } from "@luumen/backend";

/** Seconds, kind (`o` output, `i` input, `r` size, `m` mark, `x` exit), text. Times are since the start. */
export type Played = readonly [number, string, string];

export interface Header {
  cols: number;
  rows: number;
  version: number;
}

const USUAL = { cols: 80, rows: 24 };

/** The size a recording begins with; asciicast v3 keeps it under `term`, v2 in `width` and `height`. */
export function readHeader(header: unknown): Header {
  const at = (header ?? {}) as Record<string, unknown>;
  const term = (at["term"] ?? {}) as Record<string, unknown>;
  const number = (...values: unknown[]) => values.find((value): value is number => typeof value === "number" && value > 0);
  return {
    version: number(at["version"]) ?? 3,
    cols: number(term["cols"], at["width"], at["cols"]) ?? USUAL.cols,
    rows: number(term["rows"], at["height"], at["rows"]) ?? USUAL.rows,
  };
}

/** Version 3 keeps the time since the event before; a player needs it since the start. */
export function sinceStart(events: readonly Played[], version: number, from = 0): Played[] {
  if (version < 3) return [...events];
  let at = from;
  return events.map(([delta, kind, text]) => {
    at += delta;
    return [at, kind, text] as const;
  });
}

/** The size in `80x24`. */
export function sizeIn(text: string): { cols: number; rows: number } | null {
  const match = /^(\d+)x(\d+)$/.exec(text);
  return match ? { cols: Number(match[1]), rows: Number(match[2]) } : null;
}

/** Long silences are cut to so many seconds, so that a night in front of a prompt is not watched. */
export function withoutSilence(events: readonly Played[], most: number): Played[] {
  let cut = 0;
  let before = 0;
  return events.map(([at, kind, text]) => {
    const gap = at - before;
    before = at;
    if (gap > most) cut += gap - most;
    return [at - cut, kind, text] as const;
  });
}

/** How many events have happened at a moment. */
export function playedAt(events: readonly Played[], seconds: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.[0] ?? 0) <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function lengthOf(events: readonly Played[]): number {
  return events.at(-1)?.[0] ?? 0;
}

/** `1:02:03`, `4:05`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Whether what was shown was kept; of the others there is only a card: who, where, when and for how long. */
export function isPlayable({ mode }: Pick<contract.LogRow, "mode">): boolean {
  return mode === "full";
}

/** The file that an export is offered as. */
export function exportName(log: Pick<contract.LogRow, "mode" | "started_at">): string {
  return `~/session-${log.started_at.slice(0, 10)}.${isPlayable(log) ? "cast" : "json"}`;
}
