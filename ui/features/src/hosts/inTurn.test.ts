import { expect, test } from "vitest";

import { inTurn, madeWords } from "./inTurn";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const never = new AbortController().signal;

test("every item is tried, and the failed ones are named", async () => {
  const seen: number[] = [];
  let last = 0;
  const { failed, left } = await inTurn(
    upTo(25),
    async (item) => {
      seen.push(item);
      if (item % 10 === 3) throw new Error("no");
    },
    (finished) => (last = finished),
    never,
  );
  expect(seen.length).toBe(25);
  expect(last).toBe(25);
  expect(failed.map(({ item }) => item).sort()).toEqual([13, 23, 3]);
  expect(left).toEqual([]);
});

test("when it is stopped, what was begun is ended, and the rest is left", async () => {
  const stop = new AbortController();
  const done: number[] = [];
  let last = 0;
  const { failed, left } = await inTurn(
    upTo(25),
    async (item) => {
      if (item === 9) stop.abort();
      await Promise.resolve();
      done.push(item);
    },
    (finished) => (last = finished),
    stop.signal,
  );
  expect(failed).toEqual([]);
  expect(left.length).toBeGreaterThan(0);
  expect([...done, ...left].sort((a, b) => a - b)).toEqual(upTo(25));
  expect(last).toBe(done.length);
});

test("what was stopped before it began does nothing", async () => {
  const stop = new AbortController();
  stop.abort();
  const act = () => Promise.reject(new Error("not this"));
  expect(await inTurn([1, 2], act, () => undefined, stop.signal)).toEqual({ failed: [], left: [1, 2] });
});

test("what was made is told, and of how many when it was not all", () => {
  expect(madeWords("Deleted", 3, 3, "host")).toBe("Deleted: 3 hosts");
  expect(madeWords("Deleted", 120, 1500, "host")).toBe("Deleted: 120 of 1,500 hosts");
  expect(madeWords("Excepted", 1, 1, "finding")).toBe("Excepted: 1 finding");
});
