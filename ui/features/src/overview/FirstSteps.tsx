// The way from an empty workspace to the first facts, with what is done ticked off.
import type { Overview } from "@luumen/api-client";
import { CodeLines, Link, Panel, StateMark } from "@luumen/kit";

import { AgentCommands, agentConfig, NameTheCredential } from "../runs";

export function FirstSteps({ overview }: { overview: Overview }) {
  const hosts = overview.host_count > 0;
  const agent = overview.agents.length > 0;
  const steps = [
    {
      title: "Make an API key for the agent",
      done: agent,
      body: (
        <p>
          Under <Link href="/settings?tab=keys">Settings, API keys</Link>, with scope “agent”. It is shown once.
        </p>
      ),
    },
    {
      title: "Add hosts",
      done: hosts,
      body: (
        <p>
          <Link href="/hosts?panel=add">Add one</Link> or <Link href="/hosts?panel=import">import a CSV file</Link>. Nothing is
          installed on them; the agent needs to reach their SSH port.
        </p>
      ),
    },
    {
      title: "Start the agent",
      done: agent,
      body: (
        <>
          <p>
            On one Linux server that reaches the hosts, beside the executable, as <code>config.yaml</code>:
          </p>
          <CodeLines text={agentConfig("lum_…")} label="config.yaml" />
          <AgentCommands />
          <NameTheCredential />
        </>
      ),
    },
  ];
  return (
    <Panel title="First steps" note="facts appear about a minute after the last one">
      <ol className="steps">
        {steps.map(({ title, done, body }) => (
          <li key={title}>
            <h3>
              {title} {done && <StateMark tone="ok" word="Done" />}
            </h3>
            {!done && body}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
