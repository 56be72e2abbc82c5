import { describe, expect, test } from "vitest";

import { bytesWords, countWords, plural } from "./number";
import { clockWords, durationWords, exactSpan, exactWords, relativeWords, spanWords } from "./time";

describe("times", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  test.each([
    ["2026-11-22T11:59:55Z", "just now"],
    ["2026-11-22T11:59:15Z", "45 s ago"],
    ["2026-11-22T11:30:00Z", "30 min ago"],
    ["2026-11-21T12:00:00Z", "24 h ago"],
    ["2026-11-20T12:00:00Z", "2 days ago"],
    ["2026-08-01T12:00:00Z", "3 months ago"],
    ["2020-11-22T12:00:00Z", "6 years ago"],
    ["2026-11-22T14:00:30Z", "in 2 h"],
    ["nonsense", "at an unknown time"],
  ])("%s is %s", (at, words) => {
    expect(relativeWords(new Date(at), now)).toBe(words);
  });

  test("spans name the largest unit, exact spans two", () => {
    expect(spanWords(59)).toBe("59 s");
    expect(spanWords(3600)).toBe("1 h");
    expect(exactSpan(5400)).toBe("1 h 30 min");
    expect(exactSpan(86_400)).toBe("1 d");
    expect(exactSpan(0)).toBe("0 s");
  });

  test("durations keep the precision that matters", () => {
    expect(durationWords(840)).toBe("840 ms");
    expect(durationWords(3240)).toBe("3.2 s");
    expect(durationWords(125_000)).toBe("2 min 5 s");
  });

  test("a moment of another day has its day", () => {
    const at = new Date(2026, 10, 22, 14, 2);
    expect(clockWords(at, new Date(2026, 10, 22, 23, 59))).toBe("14:02");
    expect(clockWords(at, new Date(2026, 10, 23, 0, 1))).toBe("22 Nov, 14:02");
  });

  test("the exact moment names UTC", () => {
    expect(exactWords(now)).toContain("2026-11-22 12:00:00 UTC");
  });
});

describe("numbers", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1_610_612_736, "1.5 GiB"],
    [250 * 1024 * 1024, "250 MiB"],
  ])("%d bytes are %s", (bytes, words) => {
    expect(bytesWords(bytes)).toBe(words);
  });

  test("counts are abbreviated only above 10,000", () => {
    expect(countWords(10_000)).toBe("10,000");
    expect(countWords(12_345)).toBe("12.3k");
    expect(countWords(1_250_000)).toBe("1.2M");
    expect(plural(1, "host")).toBe("1 host");
    expect(plural(2, "host")).toBe("2 hosts");
  });
});
