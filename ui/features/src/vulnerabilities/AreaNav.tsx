// The pages around vulnerabilities, and what holds for all of them: whose catalogue it is and what was not judged.
import type { AssessmentFailure, CatalogueInfo, JudgingGap } from "@luumen/api-client";
import { Empty, Link, RelativeTime, StateMark } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";

import { summaryQuery } from "./queries";
import { gapWords, notJudgedWords, staleFeedsWords } from "./words";

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
  const { catalogue, not_evaluable_host_count, not_evaluated, stale_feed_count, assessment_failure } = summary.data;
  if (!catalogue) return <CatalogueNote catalogue={catalogue} />;
  const notJudged = notJudgedWords(not_evaluable_host_count);
  const old = staleFeedsWords(stale_feed_count);
  if (!catalogue.sample && !notJudged && !old && !assessment_failure) return null;
  return (
    <ul className="trouble notes" data-tone="stale" aria-label="Before you read on">
      {assessment_failure && (
        <li>
          <StateMark tone="failed" word="The last assessment failed" title={assessment_failure.error} />
          <AssessmentFailed failure={assessment_failure} />
        </li>
      )}
      {catalogue.sample && (
        <li>
          <StateMark tone="warning" word={SAMPLE} />
          <SampleWords />
        </li>
      )}
      {notJudged && (
        <li>
          <StateMark tone="unknown" word={notJudged} />
          {not_evaluated.length > 0 && <Gaps gaps={not_evaluated} />}
        </li>
      )}
      {old && (
        <li>
          <StateMark tone="stale" word={old} title="What was known before is still used" />
          <Link href="/vulnerabilities/feeds">See the feeds</Link>
        </li>
      )}
    </ul>
  );
}

function AssessmentFailed({ failure: { error, next_try_at } }: { failure: AssessmentFailure }) {
  return (
    <span>
      What is listed is what was true at the last one that went through: {error}.{" "}
      {next_try_at ? (
        <>
          It is tried again <RelativeTime at={next_try_at} />.
        </>
      ) : (
        "It is tried again."
      )}
    </span>
  );
}

const GAPS_SHOWN = 12;

/** What could not be judged, and what would help. */
function Gaps({ gaps }: { gaps: JudgingGap[] }) {
  return (
    <details className="gaps">
      <summary>What could not be judged, and why</summary>
      <ul>
        {gaps.slice(0, GAPS_SHOWN).map((gap) => (
          <li key={`${gap.what} ${gap.why}`}>{gapWords(gap)}</li>
        ))}
        {gaps.length > GAPS_SHOWN && <li className="faint">and {gaps.length - GAPS_SHOWN} more; each host says its own</li>}
      </ul>
    </details>
  );
}

const SAMPLE = "Sample data, not for judging hosts";

function SampleWords() {
  return (
    <span>
      It knows only a few vulnerabilities: what is not listed may be there all the same.{" "}
      <Link href="/vulnerabilities/feeds">Fetch the real feeds</Link>
    </span>
  );
}

/** Says when the catalogue is not there, or only a sample. */
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
    <div className="trouble" data-tone="stale" role="status">
      <StateMark tone="warning" word={SAMPLE} />
      <p>
        <SampleWords />
      </p>
    </div>
  );
}

/** In place of an empty list, where there is no catalogue to judge by. */
export function NothingJudged() {
  return (
    <Empty title="Nothing was judged yet" action={<Link href="/vulnerabilities/feeds">Go to the feeds</Link>}>
      There is no catalogue of vulnerabilities, so this says nothing about your hosts. Fetch the feeds to build one.
    </Empty>
  );
}
