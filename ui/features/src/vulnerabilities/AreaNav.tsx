// The pages around vulnerabilities, and what holds for all of them: whose catalogue it is and what was not judged.
import type { CatalogueInfo } from "@luumen/api-client";
import { Link, RelativeTime, StateMark } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";

import { summaryQuery } from "./queries";
import { catalogueWords, notJudgedWords } from "./words";

const AREAS = [
  { id: "list", name: "Findings", href: "/vulnerabilities" },
  { id: "fixes", name: "Fixes", href: "/vulnerabilities/fixes" },
  { id: "trend", name: "Trend", href: "/vulnerabilities/trend" },
  { id: "exceptions", name: "Exceptions", href: "/vulnerabilities/exceptions" },
  { id: "feeds", name: "Feeds", href: "/vulnerabilities/feeds" },
] as const;

export type Area = (typeof AREAS)[number]["id"];

export function AreaNav({ current }: { current: Area }) {
  return (
    <nav className="areas" aria-label="Vulnerabilities">
      {AREAS.map(({ id, name, href }) => (
        <Link key={id} href={href} className="area" aria-current={id === current ? "page" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** What a person must know before reading a list: sample data, no catalogue, hosts that were not judged, old feeds. */
export function Notes() {
  const summary = useQuery(summaryQuery);
  if (!summary.data) return null;
  const { catalogue, not_evaluable_host_count, stale_feed_count } = summary.data;
  const notJudged = notJudgedWords(not_evaluable_host_count);
  return (
    <>
      <CatalogueNote catalogue={catalogue} />
      {catalogue && notJudged && (
        <div className="trouble" data-tone="stale" role="status">
          <StateMark tone="unknown" word={notJudged} />
          <p>Their packages could not be read whole, or nobody was asked about their system. Each host says why.</p>
        </div>
      )}
      {stale_feed_count > 0 && (
        <div className="trouble" data-tone="stale" role="status">
          <StateMark tone="stale" word={`${stale_feed_count} ${stale_feed_count === 1 ? "feed is" : "feeds are"} older than they should be, or failed`} />
          <p>
            What was known before is still used. <Link href="/vulnerabilities/feeds">See the feeds</Link>
          </p>
        </div>
      )}
    </>
  );
}

/** Says when the catalogue is not there, or made up for show. */
export function CatalogueNote({ catalogue }: { catalogue: CatalogueInfo | null | undefined }) {
  if (!catalogue) {
    return (
      <div className="trouble" data-tone="failed" role="status">
        <StateMark tone="failed" word="There is no catalogue of vulnerabilities yet" />
        <p>
          Nothing was judged, so an empty list means nothing. <Link href="/vulnerabilities/feeds">Fetch the feeds</Link>
        </p>
      </div>
    );
  }
  if (!catalogue.sample) return null;
  return (
    <div className="trouble" data-tone="partial" role="status">
      <StateMark tone="warning" word="Sample data" />
      <p>
        The catalogue holds vulnerabilities made up for show ({catalogueWords(catalogue)}, built{" "}
        <RelativeTime at={catalogue.built_at} />
        ). They say nothing about your hosts. <Link href="/vulnerabilities/feeds">Fetch the real feeds</Link>
      </p>
    </div>
  );
}
