// Where the visits stand on the time line.
import type { SnapshotSummary } from "@luumen/api-client";

export interface Point {
  visit: SnapshotSummary;
  /** 0 is the oldest moment of the line, 1 the newest. */
  at: number;
}

/** The visits along the line, oldest first. A single visit stands at its end. */
export function placeVisits(visits: SnapshotSummary[]): Point[] {
  const times = visits.map(({ taken_at }) => Date.parse(taken_at));
  const first = Math.min(...times);
  const span = Math.max(...times) - first;
  return visits
    .map((visit, index) => ({ visit, at: span === 0 ? 1 : ((times[index] ?? first) - first) / span }))
    .sort((a, b) => a.at - b.at);
}

/** What a click on a visit makes of the two that are compared: it becomes the nearer end. */
export function pick(
  visits: SnapshotSummary[],
  chosen: { from: string | null; to: string | null },
  id: string,
): { from: string | null; to: string | null } {
  const age = (each: string) => visits.findIndex((visit) => visit.id === each);
  const others = [chosen.from, chosen.to].filter((each): each is string => each !== null && each !== id);
  if (chosen.from === id || chosen.to === id) return { from: others[0] ?? null, to: null };
  const other = others.at(-1);
  if (!other) return { from: id, to: null };
  // The list is newest first, so the larger place is the older visit.
  return age(id) > age(other) ? { from: id, to: other } : { from: other, to: id };
}
