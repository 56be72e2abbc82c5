// The whole view of agents and runs as it stands in the URL.
import type { Agent, RunState } from "@luumen/api-client";

export const AGENT_CHOICES = ["ok", "silent", "never_seen"] as const satisfies Agent["state"][];
export const RUN_CHOICES = ["trouble", "running", "finished", "lost"] as const satisfies ("trouble" | RunState)[];

/** Runs with trouble are lost, or could not visit some host. */
export type RunChoice = (typeof RUN_CHOICES)[number];

export interface AgentsView {
  /** What both lists are searched for. */
  q: string;
  /** Agents in this state; nothing for all. */
  agents: Agent["state"] | null;
  runs: RunChoice | null;
}

type Params = Record<string, string>;

/** Reads the view out of the URL's parameters; what makes no sense is left out. */
export function readAgentsView(params: Params): AgentsView {
  return {
    q: params["q"] ?? "",
    agents: AGENT_CHOICES.find((each) => each === params["agents"]) ?? null,
    runs: RUN_CHOICES.find((each) => each === params["runs"]) ?? null,
  };
}

/** The URL's parameters for a view; what is as usual is not written. */
export function writeAgentsView({ q, agents, runs }: AgentsView): Params {
  return { ...(q && { q }), ...(agents && { agents }), ...(runs && { runs }) };
}

/** The address of the page, narrowed. */
export function agentsHref(view: Partial<AgentsView>): string {
  return `/agents?${new URLSearchParams(writeAgentsView({ ...readAgentsView({}), ...view }))}`;
}

/** What the server is asked for, but for the page. */
export function runsAsked({ q, runs }: Pick<AgentsView, "q" | "runs">): { q?: string; state?: RunState; trouble?: true } {
  return { ...(q && { q }), ...(runs === "trouble" ? { trouble: true } : runs && { state: runs }) };
}
