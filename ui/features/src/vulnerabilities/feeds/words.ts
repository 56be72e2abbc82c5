// Feeds and their refresh in words.
import type { Feed, FeedState, Job } from "@luumen/api-client";
import { exactCount, plural } from "@luumen/kit/format";

import { isUnderWay } from "../queries";

/** What needs a look stands first. */
const URGENCY: FeedState[] = ["failing", "stale", "never", "fresh"];

export function sortFeeds(feeds: Feed[]): Feed[] {
  return [...feeds].sort((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state) || a.title.localeCompare(b.title));
}

/** Feeds whose words hold every word that was typed. */
export function findFeeds(feeds: Feed[], typed: string): Feed[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return feeds.filter(({ id, title, licence, state, last_error }) => {
    const text = `${id} ${title} ${licence} ${state} ${last_error ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** How the feeds do, in one sentence. */
export function feedsSentence(feeds: Feed[]): string {
  const of = (state: FeedState) => feeds.filter((feed) => feed.state === state).length;
  const parts = [
    [of("failing"), "failing"],
    [of("stale"), "stale"],
    [of("never"), "never read"],
  ]
    .filter(([count]) => Number(count) > 0)
    .map(([count, word]) => `${count} ${word}`);
  const fresh = `${of("fresh")} of ${plural(feeds.length, "feed")} fresh`;
  return [fresh, ...parts].join(", ");
}

/**
 * Whose progress is shown: the refresh that the server tells of, whoever began it. But not one that began before the one that is
 * watched: the list of feeds may be a moment old, and that refresh over.
 */
export function jobToWatch(watched: Job | null, going: Job | null): Job | null {
  if (!going || !isUnderWay(going)) return watched;
  return watched && Date.parse(going.created_at) <= Date.parse(watched.created_at) ? watched : going;
}

/** Where a job stands: `Reading debian-tracker: 3 of 12`. */
export function progressWords({ state, progress }: Job): string {
  if (state === "queued") return "Waiting to begin";
  if (!progress) return "Under way";
  const { done, total, message } = progress;
  const count = total == null ? exactCount(done) : `${exactCount(done)} of ${exactCount(total)}`;
  return message ? `${message}: ${count}` : count;
}

/** How much of a job is done, 0 to 100; nothing while it is not known. */
export function percentDone({ progress }: Job): number | null {
  if (!progress || !progress.total) return null;
  return Math.min(100, Math.max(0, (progress.done / progress.total) * 100));
}

/** How far a bundle is on its way: sending it, then the server's checks. */
export function sentWords(share: number): string {
  return share >= 1 ? "Checking the signature and unpacking" : `Sending: ${Math.floor(share * 100)} %`;
}

/** What could not be read of a feed; nothing when all could. */
export function brokenWords({ broken_document_count, problem_count }: Pick<Feed, "broken_document_count" | "problem_count">): string | null {
  const parts = [
    broken_document_count > 0 && plural(broken_document_count, "document"),
    problem_count > 0 && plural(problem_count, "entry", "entries"),
  ].filter(Boolean);
  return parts.length > 0 ? `${parts.join(" and ")} not read` : null;
}

/** The same notice of several feeds once. */
export function noticesOf(feeds: Feed[]): { notice: string; titles: string[] }[] {
  const notices = new Map<string, string[]>();
  for (const { notice, title } of feeds) {
    if (notice) notices.set(notice, [...(notices.get(notice) ?? []), title]);
  }
  return [...notices].map(([notice, titles]) => ({ notice, titles }));
}
