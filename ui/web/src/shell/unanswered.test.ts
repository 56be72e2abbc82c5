import { expect, test } from "vitest";

import { LONG_MS, unansweredOf, type Asked } from "./unanswered";

const NOW = 1_000_000;
const asked = (change: Partial<Asked> = {}): Asked => ({ answeredAt: NOW - 30_000, state: "answered", offline: false, waitsSince: null, error: null, ...change });
const gone = new Error("no answer");

test("answers that came are as fresh as they can be, also while the next is awaited", () => {
  expect(unansweredOf([], NOW)).toBeNull();
  expect(unansweredOf([asked(), asked({ state: "waiting", waitsSince: NOW - LONG_MS + 1 })], NOW)).toBeNull();
});

test("a page that says itself that it has nothing is not said to be old", () => {
  expect(unansweredOf([asked({ answeredAt: 0, state: "failed", error: gone })], NOW)).toBeNull();
});

test.each([
  ["failed", asked({ state: "failed", error: gone }), gone],
  ["is not asked, because there is no way", asked({ offline: true }), null],
  ["takes very long", asked({ state: "waiting", waitsSince: NOW - LONG_MS }), null],
])("what %s is from before", (_, one, error) => {
  expect(unansweredOf([asked({ answeredAt: NOW }), one], NOW)).toEqual({ since: NOW - 30_000, oldest: NOW - 30_000, error });
});

test("the last answer and the oldest that is shown are told apart", () => {
  const failed = (answeredAt: number) => asked({ answeredAt, state: "failed", error: gone });
  expect(unansweredOf([failed(NOW - 50_000), failed(NOW - 900_000)], NOW)).toEqual({ since: NOW - 50_000, oldest: NOW - 900_000, error: gone });
});
