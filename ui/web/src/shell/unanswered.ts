// Whether what is on the screen is still what the server would say. A page draws what it has, also when the server went silent.

/** What is looked at of a question that some open part of the page asks again and again. */
export interface Asked {
  /** When the answer that is shown came, in milliseconds; 0 if none ever did. */
  answeredAt: number;
  state: "answered" | "failed" | "waiting";
  /** The browser knows of no way to the server, and does not ask. */
  offline: boolean;
  /** Since when it waits for the answer that is on its way, in milliseconds. */
  waitsSince: number | null;
  error: unknown;
}

export interface Unanswered {
  /** The last moment of which something is shown that could not be read again. */
  since: number;
  /** The oldest of what could not be read again. */
  oldest: number;
  /** What the server answered, if it did. */
  error: unknown;
}

/** An answer that takes as long as this may never come. */
export const LONG_MS = 15_000;

/** What could not be read again, or null while all that is shown is as fresh as it can be. */
export function unansweredOf(asked: readonly Asked[], now: number): Unanswered | null {
  const old = asked.filter((each) => each.answeredAt > 0 && isLost(each, now));
  if (old.length === 0) return null;
  const moments = old.map(({ answeredAt }) => answeredAt);
  const error = old.find(({ state }) => state === "failed")?.error ?? null;
  return { since: Math.max(...moments), oldest: Math.min(...moments), error };
}

function isLost({ state, offline, waitsSince }: Asked, now: number): boolean {
  return state === "failed" || offline || (waitsSince !== null && now - waitsSince >= LONG_MS);
}
