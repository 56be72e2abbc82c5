// What becomes of a pane when its shell ends: `exit` closes it, a failure never does.

export type Ending =
  /** The shell ended so soon that nobody can have read why. */
  | { kind: "at_once"; exit: number | null; signal: string | null }
  /** Something other than `exit` ended it. */
  | { kind: "ended"; signal: string | null }
  /** There was no shell to be had. */
  | { kind: "refused"; error: unknown };

const AT_ONCE_MS = 3000;

/** Decides between closing the pane and keeping it with a word of what happened. */
export function onShellClosed({
  exit,
  signal,
  lived_ms,
  connected,
}: {
  exit: number | null;
  signal: string | null;
  lived_ms: number;
  connected: boolean;
}): "close" | Ending {
  if (!connected || (exit === null && signal === null)) return { kind: "ended", signal };
  if (signal !== null) return { kind: "ended", signal };
  if (exit !== 0 && lived_ms < AT_ONCE_MS) return { kind: "at_once", exit, signal };
  return "close";
}
