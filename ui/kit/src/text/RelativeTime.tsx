// A moment as a person says it, with the exact time on hover. It moves on by itself.
import { useSyncExternalStore } from "react";

import { exactWords, relativeWords } from "../format/time";

const TICK_MS = 20_000;
let now = new Date();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = new Date();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, fresh to a few seconds. */
export function useNow(): Date {
  const ticked = useSyncExternalStore(subscribe, () => now);
  const fresh = new Date();
  return fresh.getTime() - ticked.getTime() > TICK_MS ? fresh : ticked;
}

export function RelativeTime({ at, empty = "never" }: { at: string | null | undefined; empty?: string }) {
  const current = useNow();
  if (!at) return <span className="faint">{empty}</span>;
  const moment = new Date(at);
  // A moment of this very second is not in the future because the tick is older.
  const reference = moment > current ? new Date(Math.max(current.getTime(), Date.now())) : current;
  return (
    <time dateTime={at} title={exactWords(moment)} className="number">
      {relativeWords(moment, reference)}
    </time>
  );
}
