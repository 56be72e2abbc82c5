// Agents and their runs, searched and narrowed by the server.
import type { Agent } from "@luumen/api-client";
import { Empty, Failed, FilterInput, Loaded, Loading, Page, Panel, plural } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { AgentTable } from "./AgentTable";
import { agentsQuery, allAgentsQuery, runsQuery } from "./queries";
import { useRemoveAgent } from "./removing";
import { RunTable } from "./RunTable";
import { StartAgent } from "./StartAgent";
import { StateChoice } from "./StateChoice";
import { AGENT_CHOICES, RUN_CHOICES, type AgentsView, type RunChoice } from "./view";
import { AGENT_STATES, RUN_STATES } from "./words";

const AGENT_WORDS: Record<Agent["state"], string> = {
  ok: AGENT_STATES.ok.word,
  silent: AGENT_STATES.silent.word,
  never_seen: AGENT_STATES.never_seen.word,
};

const RUN_WORDS: Record<RunChoice, string> = {
  trouble: "With trouble",
  running: RUN_STATES.running.word,
  finished: RUN_STATES.finished.word,
  lost: RUN_STATES.lost.word,
};

interface Props {
  view: AgentsView;
  onView: (next: AgentsView) => void;
}

export function AgentsPage({ view, onView }: Props) {
  const all = useQuery(allAgentsQuery);
  return (
    <Page title="Agents and runs" state={all.data && <Summary agents={all.data.items} />}>
      <div className="filter-line">
        <FilterInput
          label="Search agents and runs"
          placeholder="Agent, Patch server or version; or the whole name of a host, for the runs that visited it"
          value={view.q}
          onChange={(q) => onView({ ...view, q })}
        />
      </div>
      <Agents view={view} onView={onView} />
      <Runs view={view} onView={onView} />
    </Page>
  );
}

function Agents({ view, onView }: Props) {
  const agents = useQuery(agentsQuery(view));
  const remove = useRemoveAgent();
  const narrowed = view.q !== "" || view.agents !== null;
  const some = narrowed || (agents.data?.items.length ?? 0) > 0;
  return (
    <Panel
      title="Agents"
      flush
      actions={
        some && (
          <StateChoice
            label="Which agents"
            choices={AGENT_CHOICES}
            words={AGENT_WORDS}
            chosen={view.agents}
            onChoose={(chosen) => onView({ ...view, agents: chosen })}
          />
        )
      }
    >
      <Loaded from={agents} what="the agents" rows={2}>
        {({ items }) => {
          if (items.length > 0) return <AgentTable agents={items} onRemove={remove} />;
          if (!narrowed) return <StartAgent />;
          return (
            <NoMatch title={`No agent matches ${askedWords(view.q, view.agents && AGENT_WORDS[view.agents])}`} onClear={() => onView({ ...view, q: "", agents: null })}>
              {view.q || !view.agents
                ? "Names, host names of Patch servers and versions are searched."
                : `${AGENT_STATES[view.agents].title}: that holds for none just now.`}
            </NoMatch>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Runs({ view, onView }: Props) {
  const runs = useInfiniteQuery(runsQuery(view));
  const rows = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const narrowed = view.q !== "" || view.runs !== null;
  return (
    <Panel
      title="Runs"
      flush
      actions={
        (narrowed || rows.length > 0) && (
          <StateChoice
            label="Which runs"
            choices={RUN_CHOICES}
            words={RUN_WORDS}
            chosen={view.runs}
            onChoose={(chosen) => onView({ ...view, runs: chosen })}
          />
        )
      }
    >
      {runs.isPending ? (
        <Loading what="the runs" />
      ) : runs.isError && rows.length === 0 ? (
        <Failed doing="load the runs" error={runs.error} onRetry={() => void runs.refetch()} />
      ) : rows.length > 0 ? (
        <RunTable runs={rows} />
      ) : narrowed ? (
        <NoMatch title={`No run matches ${askedWords(view.q, view.runs && RUN_WORDS[view.runs])}`} onClear={() => onView({ ...view, q: "", runs: null })}>
          {noRunWords(view)}
        </NoMatch>
      ) : (
        <Empty title="No runs yet">A run appears here as soon as an agent starts to visit hosts.</Empty>
      )}
      {runs.hasNextPage && (
        <Button variant="subtle" size="compact-sm" m={8} loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          Show older runs
        </Button>
      )}
    </Panel>
  );
}

function noRunWords({ q, runs }: Pick<AgentsView, "q" | "runs">): string {
  if (q || !runs) return "Agents are searched by any part of what they tell, hosts that were visited by their whole name.";
  if (runs === "trouble") return "Every run that is kept ended, and visited all of its hosts without a failure.";
  return `${RUN_STATES[runs].title}: that holds for none that is kept.`;
}

/** `“web-1” and “Lost”`, as far as it was asked. */
function askedWords(...asked: (string | null)[]): string {
  return asked.filter(Boolean).map((each) => `“${each}”`).join(" and ");
}

function NoMatch({ title, children, onClear }: { title: string; children: string; onClear: () => void }) {
  return (
    <Empty
      title={title}
      action={
        <Button variant="default" size="xs" onClick={onClear}>
          Show all
        </Button>
      }
    >
      {children}
    </Empty>
  );
}

function Summary({ agents }: { agents: Agent[] }) {
  const silent = agents.filter(({ state }) => state === "silent").length;
  if (agents.length === 0) return <>No agent has called yet</>;
  if (silent > 0 && agents.length === 1) return <>The agent went silent: its hosts turn stale, production is untouched</>;
  if (silent > 0) return <>{plural(silent, "agent")} of {agents.length} went silent: their hosts turn stale, production is untouched</>;
  return <>{agents.length === 1 ? "The agent was heard in time" : `All ${agents.length} agents were heard in time`}</>;
}
