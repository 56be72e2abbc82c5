import type { RunSummary } from "@luumen/api-client";
import { expect, test } from "vitest";

import { noVisitsWords, progressWords, tookWords } from "./words";

const run = (change: Partial<RunSummary>): RunSummary => ({
  id: "r",
  agent_id: "a",
  agent_name: "patch-1",
  state: "finished",
  started_at: "2026-11-22T03:00:00Z",
  finished_at: "2026-11-22T03:00:04.5Z",
  host_count: 3,
  complete_count: 2,
  partial_count: 1,
  failed_count: 0,
  skipped_count: 0,
  ...change,
});

test("visited is who was tried, however it ended", () => {
  expect(progressWords(run({}))).toBe("3 hosts");
  expect(progressWords(run({ complete_count: 0 }))).toBe("1 of 3 hosts");
  expect(progressWords(run({ complete_count: 0, failed_count: 2 }))).toBe("3 hosts");
});

test("a run that skipped all of its hosts visited none", () => {
  expect(progressWords(run({ complete_count: 0, partial_count: 0, skipped_count: 3 }))).toBe("0 of 3 hosts");
});

test("visits are to be waited for only while the run goes on", () => {
  expect(noVisitsWords("running").body).toBe("Hosts appear here as their visits end.");
  for (const over of ["finished", "lost"] as const) expect(noVisitsWords(over)).toEqual({ title: "No host was visited in this run" });
});

test("a run that goes on took no time yet", () => {
  expect(tookWords(run({}))).toBe("4.5 s");
  expect(tookWords(run({ finished_at: null }))).toBeNull();
});
