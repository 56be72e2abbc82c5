// Looks at every question that the open page asks: whether it was answered when it was asked last.
import { type Query, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";

import { unansweredOf, type Asked, type Unanswered } from "./unanswered";

const LOOK_MS = 5_000;

/** What cannot be read again just now, and a way to try it at once. */
export function useUnanswered(): { unanswered: Unanswered | null; tryAgain: () => Promise<void> } {
  const client = useQueryClient();
  const [unanswered, setUnanswered] = useState<Unanswered | null>(null);
  useEffect(() => {
    const cache = client.getQueryCache();
    const waits = new Map<string, number>();
    const look = () => {
      const asked = cache.findAll({ type: "active" }).map((query) => askedOf(query, waits.get(query.queryHash) ?? null));
      const next = unansweredOf(asked, Date.now());
      setUnanswered((before) => (before?.since === next?.since && before?.oldest === next?.oldest && before?.error === next?.error ? before : next));
    };
    // The cache may speak while a part is being drawn; what is seen then is drawn afterwards.
    let soon: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = cache.subscribe(({ query }) => {
      if (query.state.fetchStatus !== "fetching") waits.delete(query.queryHash);
      else if (!waits.has(query.queryHash)) waits.set(query.queryHash, Date.now());
      clearTimeout(soon);
      soon = setTimeout(look);
    });
    const timer = setInterval(look, LOOK_MS);
    return () => {
      unsubscribe();
      clearInterval(timer);
      clearTimeout(soon);
    };
  }, [client]);
  const tryAgain = useCallback(() => client.refetchQueries({ type: "active" }), [client]);
  return { unanswered, tryAgain };
}

function askedOf({ state }: Query, waitsSince: number | null): Asked {
  return {
    answeredAt: state.data === undefined ? 0 : state.dataUpdatedAt,
    state: state.status === "error" ? "failed" : state.fetchStatus === "fetching" ? "waiting" : "answered",
    offline: state.fetchStatus === "paused",
    waitsSince: state.fetchStatus === "fetching" ? waitsSince : null,
    error: state.error,
  };
}
