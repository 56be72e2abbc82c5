// What needs a look today: what the fleet and its vulnerabilities ask for, and "nothing" only when both were asked.
import type { Overview } from "@luumen/api-client";
import { Failed, Link, Panel, StateMark } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";

import { summaryQuery } from "../vulnerabilities/queries";
import { needsOf, wellWords, type Need } from "./needs";

export function NeedsPanel({ overview }: { overview: Overview }) {
  const summary = useQuery(summaryQuery);
  const needs = needsOf(overview, summary.data);
  const well = needs.length === 0 && summary.data !== undefined;
  return (
    <Panel title="Needs a look today" note={well ? "nothing" : undefined}>
      {needs.length > 0 && <List needs={needs} />}
      {well && (
        <p className="all-well">
          <StateMark tone="ok" word="Nothing waits for you" /> {wellWords(overview)}
        </p>
      )}
      {!summary.data &&
        (summary.isError ? (
          <Failed doing="say what the vulnerabilities need" error={summary.error} onRetry={() => void summary.refetch()} />
        ) : (
          <p className="all-well" role="status">
            Asking what the vulnerabilities need…
          </p>
        ))}
    </Panel>
  );
}

function List({ needs }: { needs: Need[] }) {
  return (
    <ul className="needs">
      {needs.map(({ tone, word, why, href }) => (
        <li key={word}>
          <Link href={href} className="need">
            <StateMark tone={tone} word={word} />
            <span className="faint" title={why}>
              {why}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
