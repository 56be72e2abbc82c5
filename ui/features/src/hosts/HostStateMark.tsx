// The state of a host, with the last error behind it.
import type { HostSummary } from "@luumen/api-client";
import { StateMark } from "@luumen/kit";

import { HOST_STATES } from "./words";

export function HostStateMark({ host }: { host: Pick<HostSummary, "state" | "last_error"> }) {
  const { tone, word, title } = HOST_STATES[host.state];
  return <StateMark tone={tone} word={word} title={host.last_error ? `${title}. ${host.last_error.message}` : title} />;
}
