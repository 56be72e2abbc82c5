// Does the same to many things, a few at a time, carries on when one fails, and stops when told to.
import { exactCount, plural } from "@luumen/kit/format";

const AT_ONCE = 4;

interface Ending<T> {
  failed: { item: T; error: unknown }[];
  /** Those that it was stopped before. */
  left: T[];
}

/** Acts on every item. What was begun when the signal comes is still ended: half of it would be neither done nor left. */
export async function inTurn<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
  onProgress: (finished: number) => void,
  signal: AbortSignal,
): Promise<Ending<T>> {
  const failed: Ending<T>["failed"] = [];
  const left = [...items];
  let finished = 0;
  const worker = async () => {
    while (!signal.aborted) {
      const item = left.shift();
      if (item === undefined) return;
      try {
        await act(item);
      } catch (error) {
        failed.push({ item, error });
      }
      finished += 1;
      onProgress(finished);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { failed, left };
}

/** `Deleted: 500 hosts`, or `Deleted: 120 of 500 hosts` when it was not all. */
export function madeWords(done: string, made: number, all: number, one: string): string {
  return `${done}: ${made < all ? `${exactCount(made)} of ` : ""}${plural(all, one)}`;
}
