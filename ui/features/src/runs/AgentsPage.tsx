// Agents and their runs.
import type { Agent } from "@luumen/api-client";
import { Empty, Failed, Loaded, Loading, Page, Panel, plural } from "@luumen/kit";
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { AgentTable } from "./AgentTable";
import { agentsQuery, runsQuery } from "./queries";
import { RunTable } from "./RunTable";
import { RunFilter, type RunChoice } from "./RunFilter";
import { StartAgent } from "./StartAgent";

export function AgentsPage() {
  const agents = useQuery(agentsQuery);
  const runs = useInfiniteQuery(runsQuery);
  const [choice, setChoice] = useState<RunChoice>("all");
  const all = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = all.filter((run) => choice === "all" || run.failed_count > 0 || run.state === "lost");
  return (
    <Page title="Agents and runs" state={agents.data && <Summary agents={agents.data.items} />}>
      <Panel title="Agents" flush>
        <Loaded from={agents} what="the agents" rows={2}>
          {({ items }) => (items.length > 0 ? <AgentTable agents={items} /> : <StartAgent />)}
        </Loaded>
      </Panel>
      <Panel title="Runs" flush actions={all.length > 0 && <RunFilter choice={choice} onChoice={setChoice} />}>
        {runs.isPending ? (
          <Loading what="the runs" />
        ) : runs.isError && all.length === 0 ? (
          <Failed doing="load the runs" error={runs.error} onRetry={() => void runs.refetch()} />
        ) : shown.length > 0 ? (
          <RunTable runs={shown} />
        ) : (
          <Empty title={all.length > 0 ? "No run with trouble" : "No runs yet"}>
            {all.length > 0
              ? "Every run that is loaded ended, and visited its hosts without a failure."
              : "A run appears here as soon as an agent starts to visit hosts."}
          </Empty>
        )}
        {runs.hasNextPage && (
          <Button variant="subtle" size="compact-sm" m={8} loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Show older runs
          </Button>
        )}
      </Panel>
    </Page>
  );
}

function Summary({ agents }: { agents: Agent[] }) {
  const silent = agents.filter(({ state }) => state === "silent").length;
  if (agents.length === 0) return <>No agent has called yet</>;
  if (silent > 0 && agents.length === 1) return <>The agent went silent: its hosts turn stale, production is untouched</>;
  if (silent > 0) return <>{plural(silent, "agent")} of {agents.length} went silent: their hosts turn stale, production is untouched</>;
  return <>{agents.length === 1 ? "The agent was heard in time" : `All ${agents.length} agents were heard in time`}</>;
}
