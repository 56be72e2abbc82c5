import { expect, test } from "vitest";

import { clock, exportName, lengthOf, playedAt, readHeader, sinceStart, sizeIn, withoutSilence, type Played } from "./player";

const EVENTS: Played[] = [
  [0.5, "o", "a"],
  [1, "o", "b"],
  [60, "r", "100x40"],
  [0.5, "o", "c"],
];

test("version 3 tells the time since the event before, version 2 since the start", () => {
  expect(sinceStart(EVENTS, 3).map(([at]) => at)).toEqual([0.5, 1.5, 61.5, 62]);
  expect(sinceStart(EVENTS, 2)).toEqual(EVENTS);
  expect(sinceStart(EVENTS, 3, 10)[0]?.[0]).toBe(10.5);
});

test.each([
  [{ version: 3, term: { cols: 120, rows: 30 } }, { version: 3, cols: 120, rows: 30 }],
  [{ version: 2, width: 100, height: 40 }, { version: 2, cols: 100, rows: 40 }],
  [null, { version: 3, cols: 80, rows: 24 }],
])("the header %j", (header, expected) => {
  expect(readHeader(header)).toEqual(expected);
});

test("silence is cut, and everything after it comes sooner", () => {
  const cut = withoutSilence(sinceStart(EVENTS, 3), 2);
  expect(cut.map(([at]) => at)).toEqual([0.5, 1.5, 3.5, 4]);
  expect(lengthOf(cut)).toBe(4);
  expect(lengthOf([])).toBe(0);
});

test("what has happened at a moment", () => {
  const events = sinceStart(EVENTS, 3);
  expect([0, 0.5, 1.4, 62, 99].map((at) => playedAt(events, at))).toEqual([0, 1, 1, 4, 4]);
});

test("sizes and clocks", () => {
  expect(sizeIn("100x40")).toEqual({ cols: 100, rows: 40 });
  expect(sizeIn("big")).toBeNull();
  expect(clock(65)).toBe("1:05");
  expect(clock(3723)).toBe("1:02:03");
});

test("a log that kept nothing to play is offered as the JSON that it is", () => {
  expect(exportName({ mode: "full", started_at: "2026-05-10T12:00:00Z" })).toBe("~/session-2026-05-10.cast");
  expect(exportName({ mode: "metadata", started_at: "2026-05-10T12:00:00Z" })).toBe("~/session-2026-05-10.json");
});
