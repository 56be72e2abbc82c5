// Lets a person stop long work, and stops it when whoever shows it goes away: nothing is to go on unseen.
import { useEffect, useMemo, useRef } from "react";

export function useStop(): { begin: () => AbortSignal; stop: () => void } {
  const going = useRef<AbortController | null>(null);
  useEffect(() => () => going.current?.abort(), []);
  return useMemo(
    () => ({
      begin: () => {
        going.current = new AbortController();
        return going.current.signal;
      },
      stop: () => going.current?.abort(),
    }),
    [],
  );
}
