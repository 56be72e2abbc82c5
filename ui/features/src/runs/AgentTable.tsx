// Agents in a short table, on the overview and on the agents page.
import type { Agent } from "@luumen/api-client";
import { Link, Machine, PlainTable, RelativeTime, StateMark, Unknown } from "@luumen/kit";
import { Button } from "@mantine/core";

import { AGENT_STATES, progressWords } from "./words";

/** With `onRemove`, those that may be removed have a button for it: whoever still speaks would be back at once. */
export function AgentTable({ agents, onRemove }: { agents: Agent[]; onRemove?: ((agent: Agent) => void) | undefined }) {
  const some = onRemove && agents.some(mayGo);
  return (
    <PlainTable
      label="Agents"
      rows={agents}
      rowId={(agent) => agent.id}
      columns={[
        { id: "name", title: "Agent", cell: (agent) => <strong>{agent.name}</strong> },
        {
          id: "state",
          title: "State",
          cell: (agent) => {
            const { tone, word, title } = AGENT_STATES[agent.state];
            return (
              <span className="nowrap">
                <StateMark tone={tone} word={word} title={title} />
                {agent.state === "silent" && (
                  <span className="faint">
                    {" "}
                    since <RelativeTime at={agent.silent_at} />
                  </span>
                )}
              </span>
            );
          },
        },
        { id: "seen", title: "Last heard", cell: (agent) => <RelativeTime at={agent.last_seen_at} /> },
        {
          id: "server",
          title: "Patch server",
          cell: (agent) => (agent.hostname ? <Machine>{agent.hostname}</Machine> : <Unknown>not told</Unknown>),
        },
        {
          id: "version",
          title: "Version",
          cell: (agent) => (agent.version ? <Machine>{agent.version}</Machine> : <Unknown>not told</Unknown>),
        },
        {
          id: "run",
          title: "Last run",
          cell: (agent) =>
            agent.last_run ? (
              <Link href={`/runs/${agent.last_run.id}`}>
                {progressWords(agent.last_run)}, <RelativeTime at={agent.last_run.started_at} />
              </Link>
            ) : (
              <span className="faint">none yet</span>
            ),
        },
        ...(some
          ? [
              {
                id: "actions",
                title: "Actions",
                align: "end" as const,
                cell: (agent: Agent) =>
                  mayGo(agent) && (
                    <Button size="compact-xs" variant="default" aria-label={`Remove ${agent.name}`} onClick={() => onRemove(agent)}>
                      Remove
                    </Button>
                  ),
              },
            ]
          : []),
      ]}
    />
  );
}

function mayGo({ state }: Agent): boolean {
  return state !== "ok";
}
