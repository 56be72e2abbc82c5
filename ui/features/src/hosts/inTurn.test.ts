import { expect, test } from "vitest";

import { inTurn } from "./inTurn";

test("every item is tried, and the failed ones are named", async () => {
  const seen: number[] = [];
  let last = 0;
  const failed = await inTurn(
    Array.from({ length: 25 }, (_, index) => index),
    async (item) => {
      seen.push(item);
      if (item % 10 === 3) throw new Error("no");
    },
    (finished) => (last = finished),
  );
  expect(seen.length).toBe(25);
  expect(last).toBe(25);
  expect(failed.map(({ item }) => item).sort()).toEqual([13, 23, 3]);
});
