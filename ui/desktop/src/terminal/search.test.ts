import { expect, test } from "vitest";

import { foundWords } from "./search";

test.each([
  [{ index: -1, count: 0 }, "not found"],
  [{ index: 0, count: 1 }, "1 of 1"],
  [{ index: 41, count: 42 }, "42 of 42"],
  [{ index: -1, count: 1000 }, "1000 or more"],
])("%j is %s", (found, words) => expect(foundWords(found)).toBe(words));
