import type { Feed, Job } from "@luumen/api-client";
import { expect, test } from "vitest";

import { brokenWords, feedsSentence, findFeeds, jobToWatch, noticesOf, percentDone, progressWords, sentWords, sortFeeds } from "./words";

const feed = (id: string, state: Feed["state"], part: Partial<Feed> = {}): Feed => ({
  id,
  title: id.toUpperCase(),
  state,
  licence: "MIT",
  document_count: 1,
  broken_document_count: 0,
  problem_count: 0,
  sample: false,
  ...part,
});
const feeds = [feed("a", "fresh"), feed("b", "never"), feed("c", "failing", { last_error: "answered 503" }), feed("d", "stale"), feed("e", "fresh")];

test("what needs a look stands first", () => {
  expect(sortFeeds(feeds).map(({ id }) => id)).toEqual(["c", "d", "b", "a", "e"]);
});

test("the sentence names what is not fresh", () => {
  expect(feedsSentence(feeds)).toBe("2 of 5 feeds fresh, 1 failing, 1 stale, 1 never read");
  expect(feedsSentence([feed("a", "fresh")])).toBe("1 of 1 feed fresh");
});

test("a search reads the error too", () => {
  expect(findFeeds(feeds, "503").map(({ id }) => id)).toEqual(["c"]);
});

test("a notice is shown once, with everyone who asks for it", () => {
  const asking = [feed("nvd", "fresh", { notice: "N" }), feed("cpe", "fresh", { notice: "N" }), feed("x", "fresh")];
  expect(noticesOf(asking)).toEqual([{ notice: "N", titles: ["NVD", "CPE"] }]);
});

test.each([
  [0, 0, null],
  [2, 0, "2 documents not read"],
  [1, 3, "1 document and 3 entries not read"],
])("%d documents and %d entries: %s", (broken_document_count, problem_count, words) => {
  expect(brokenWords({ broken_document_count, problem_count })).toBe(words);
});

const job = (part: Partial<Job>): Job => ({ id: "j", kind: "refresh_feeds", state: "running", created_at: "2026-11-24T10:00:00Z", ...part });

test.each<[Partial<Job>, string, number | null]>([
  [{ state: "queued" }, "Waiting to begin", null],
  [{}, "Under way", null],
  [{ progress: { done: 3, total: 12, message: "Reading nvd" } }, "Reading nvd: 3 of 12", 25],
  [{ progress: { done: 1400 } }, "1,400", null],
  [{ progress: { done: 15, total: 12 } }, "15 of 12", 100],
])("a job with %o is said as %s", (part, words, percent) => {
  expect(progressWords(job(part))).toBe(words);
  expect(percentDone(job(part))).toBe(percent);
});

test("a bundle is sent, then checked", () => {
  expect(sentWords(0)).toBe("Sending: 0 %");
  expect(sentWords(0.999)).toBe("Sending: 99 %");
  expect(sentWords(1)).toBe("Checking the signature and unpacking");
});

test("the latest refresh is watched, whoever began it, and no other one when it is over", () => {
  const mine = job({ id: "mine", created_at: "2026-11-24T10:00:00Z" });
  const later = job({ id: "later", state: "queued", created_at: "2026-11-24T10:00:00.5Z" });
  expect(jobToWatch(null, null)).toBeNull();
  expect(jobToWatch(null, mine)).toBe(mine);
  expect(jobToWatch(mine, later)).toBe(later);
  // The list still tells of what was over before mine began.
  expect(jobToWatch(later, mine)).toBe(later);
  expect(jobToWatch(later, null)).toBe(later);
  expect(jobToWatch(null, job({ state: "done" }))).toBeNull();
});
