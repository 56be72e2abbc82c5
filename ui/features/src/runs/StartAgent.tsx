// What to do while there is no agent: a key, a config file, three commands.
import { CodeLines, Empty, Link } from "@luumen/kit";

/** The agent's config file for this server. */
export function agentConfig(apiKey: string): string {
  return [
    "luumen:",
    "  api:",
    `    base_url: ${window.location.origin}/api/v1`,
    `    key: ${apiKey}`,
    "ssh:",
    "  host_key_policy: tofu # trusts a host's key the first time it is seen",
    "credentials:",
    "  fleet:",
    "    username: luumen",
    "    key_file: /etc/luumen/id_ed25519",
  ].join("\n");
}

/** Which hosts use the credential of that file. */
export function NameTheCredential() {
  return (
    <p>
      Hosts that name no credential of their own use the default one: write <code>fleet</code> under{" "}
      <Link href="/settings">Settings, Default credential</Link>.
    </p>
  );
}

/** What starts the agent with that file beside it. */
export function AgentCommands() {
  return (
    <>
      <CodeLines text={["chmod 600 config.yaml", "luumen-agent check", "luumen-agent run"].join("\n")} label="the commands" />
      <p>
        <code>check</code> may name hosts that cannot be visited; <code>run</code> visits the others.
      </p>
    </>
  );
}

export function StartAgent() {
  return (
    <Empty title="Start the agent">
      <p>
        The agent runs on one server of yours, visits the hosts over SSH and tells this server what it saw. Make a key of
        scope “agent” under <Link href="/settings?tab=keys">API keys</Link>, then write this as <code>config.yaml</code>{" "}
        beside the agent:
      </p>
      <div className="start-agent">
        <CodeLines text={agentConfig("lum_…")} label="config.yaml" />
        <AgentCommands />
      </div>
      <NameTheCredential />
    </Empty>
  );
}
