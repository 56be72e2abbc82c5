// Does the same to many things, a few at a time, and carries on when one fails.

const AT_ONCE = 4;

/** Acts on every item; answers the ones that failed. */
export async function inTurn<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
  onProgress: (finished: number) => void,
): Promise<{ item: T; error: unknown }[]> {
  const failed: { item: T; error: unknown }[] = [];
  const waiting = [...items];
  let finished = 0;
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
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
  return failed;
}
