// Runs something again and again for as long as a part is on the screen.
import { useEffect, useRef } from "react";

export function useInterval(run: () => void, everyMs: number): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const timer = setInterval(() => latest.current(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
