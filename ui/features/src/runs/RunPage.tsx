// One run: how the visit to each host ended, why, and what to do next.
import type { RunHost, RunState, RunSummary } from "@luumen/api-client";
import { DataTable, durationWords, Empty, FilterInput, Link, Loaded, Page, Panel, RelativeTime, StateMark, useGo, type Column } from "@luumen/kit";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { OUTCOMES } from "../hosts/words";
import { runQuery } from "./queries";
import { noVisitsWords, progressWords, RUN_STATES, tookWords } from "./words";

const URGENCY: RunHost["outcome"][] = ["failed", "skipped", "partial", "complete"];

const COLUMNS: Column<RunHost>[] = [
  {
    id: "host",
    title: "Host",
    width: 150,
    grow: 1.4,
    cell: ({ host_id, host_name }) => (
      <Link href={`/hosts/${host_id}`} title={host_name} tabIndex={-1}>
        {host_name}
      </Link>
    ),
  },
  {
    id: "outcome",
    title: "Outcome",
    width: 116,
    grow: 0,
    cell: ({ outcome }) => {
      const { tone, word, title } = OUTCOMES[outcome];
      return <StateMark tone={tone} word={word} title={title} />;
    },
  },
  {
    id: "code",
    title: "Code",
    width: 150,
    grow: 0,
    cell: ({ error }) => (error ? <span className="machine" title={error.code}>{error.code}</span> : <span className="faint">none</span>),
  },
  { id: "message", title: "What happened", width: 190, grow: 3, cell: ({ error, outcome }) => error?.message ?? OUTCOMES[outcome].title },
  { id: "next", title: "What to do next", width: 180, grow: 3, cell: ({ error }) => error?.next_step ?? <span className="faint">nothing</span> },
  { id: "visited", title: "Visited", width: 100, grow: 0, cell: ({ visited_at }) => <RelativeTime at={visited_at} /> },
  { id: "took", title: "Took", width: 80, grow: 0, align: "end", cell: ({ duration_ms }) => durationWords(duration_ms) },
];

export function RunPage({ id, q, onQ }: { id: string; q: string; onQ: (q: string) => void }) {
  const run = useQuery(runQuery(id));
  const summary = run.data?.summary;
  return (
    <Page
      fill
      title="Run"
      heading={
        <span className="trail">
          <Link href="/agents">Runs</Link>
          <span aria-hidden>/</span>
          <span>{summary ? `${summary.agent_name}` : "…"}</span>
        </span>
      }
      state={summary && <Summary run={summary} />}
    >
      {run.data ? (
        <Hosts hosts={run.data.hosts} state={run.data.summary.state} q={q} onQ={onQ} />
      ) : (
        <Panel>
          <Loaded from={run} what="the run" rows={10}>
            {() => null}
          </Loaded>
        </Panel>
      )}
    </Page>
  );
}

function Summary({ run }: { run: RunSummary }) {
  const { tone, word, title } = RUN_STATES[run.state];
  const took = tookWords(run);
  return (
    <span className="in-line">
      <StateMark tone={tone} word={word} title={title} />
      <span>
        started <RelativeTime at={run.started_at} />
      </span>
      {took && <span>took {took}</span>}
      <span>visited {progressWords(run)}</span>
      {run.failed_count > 0 && <StateMark tone="failed" word={`${run.failed_count} failed`} />}
      {run.partial_count > 0 && <StateMark tone="partial" word={`${run.partial_count} partial`} />}
      {run.skipped_count > 0 && <StateMark tone="failed" word={`${run.skipped_count} skipped`} />}
    </span>
  );
}

function Hosts({ hosts, state, q, onQ }: { hosts: RunHost[]; state: RunState; q: string; onQ: (q: string) => void }) {
  const go = useGo();
  const none = noVisitsWords(state);
  const shown = useMemo(() => {
    const typed = q.toLowerCase();
    return hosts
      .filter(({ host_name, outcome, error }) =>
        `${host_name} ${outcome} ${error?.code ?? ""} ${error?.message ?? ""}`.toLowerCase().includes(typed),
      )
      .sort((a, b) => URGENCY.indexOf(a.outcome) - URGENCY.indexOf(b.outcome) || a.host_name.localeCompare(b.host_name));
  }, [hosts, q]);
  return (
    <>
      <div className="filter-line">
        <FilterInput label="Search the hosts of this run" placeholder="Name, outcome, code or message" value={q} onChange={onQ} />
      </div>
      <DataTable
        label="Hosts of this run"
        columns={COLUMNS}
        rows={shown}
        rowId={({ host_id }) => host_id}
        onOpen={({ host_id }) => go(`/hosts/${host_id}`)}
        empty={
          q ? (
            <Empty title={`No host of this run matches “${q}”`}>Names, outcomes, codes and messages are searched.</Empty>
          ) : (
            <Empty title={none.title}>{none.body}</Empty>
          )
        }
      />
    </>
  );
}
