// Runs in a short table, on the overview and on the agents page.
import type { RunSummary } from "@luumen/api-client";
import { Count, Link, PlainTable, RelativeTime, StateMark, type PlainColumn } from "@luumen/kit";

import { progressWords, RUN_STATES, tookWords } from "./words";

const count = (id: string, title: string, value: (run: RunSummary) => number): PlainColumn<RunSummary> => ({
  id,
  title,
  align: "end",
  cell: (run) => (value(run) === 0 ? <span className="faint">0</span> : <Count value={value(run)} />),
});

const COLUMNS: PlainColumn<RunSummary>[] = [
  {
    id: "started",
    title: "Started",
    cell: (run) => (
      <Link href={`/runs/${run.id}`}>
        <RelativeTime at={run.started_at} />
      </Link>
    ),
  },
  {
    id: "state",
    title: "State",
    cell: (run) => {
      const { tone, word, title } = RUN_STATES[run.state];
      return <StateMark tone={tone} word={word} title={title} />;
    },
  },
  { id: "agent", title: "Agent", cell: (run) => run.agent_name },
  { id: "hosts", title: "Visited", cell: (run) => progressWords(run) },
  count("complete", "Complete", (run) => run.complete_count),
  count("partial", "Partial", (run) => run.partial_count),
  count("failed", "Failed", (run) => run.failed_count),
  count("skipped", "Skipped", (run) => run.skipped_count),
  {
    id: "took",
    title: "Took",
    align: "end",
    cell: (run) => tookWords(run) ?? <span className="faint">not over</span>,
  },
];

export function RunTable({ runs, short = false }: { runs: RunSummary[]; short?: boolean }) {
  const columns = short ? COLUMNS.filter(({ id }) => id !== "complete") : COLUMNS;
  return <PlainTable label="Runs" columns={columns} rows={runs} rowId={(run) => run.id} />;
}
