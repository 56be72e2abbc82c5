// States of runs and agents in the words and marks of the surface.
import type { Agent, RunState, RunSummary } from "@luumen/api-client";
import type { Tone } from "@luumen/kit";
import { durationWords, exactCount, plural } from "@luumen/kit/format";

export const RUN_STATES: Record<RunState, { tone: Tone; word: string; title: string }> = {
  running: { tone: "running", word: "Running", title: "The agent is visiting hosts" },
  finished: { tone: "ok", word: "Finished", title: "The agent said that the run was over" },
  lost: { tone: "failed", word: "Lost", title: "The agent went silent before it said that the run was over" },
};

export const AGENT_STATES: Record<Agent["state"], { tone: Tone; word: string; title: string }> = {
  ok: { tone: "ok", word: "OK", title: "Heard in time" },
  silent: { tone: "failed", word: "Silent", title: "Three polls and the grace time went by without a word" },
  never_seen: { tone: "unknown", word: "Never seen", title: "It has a key and never called" },
};

/** How many hosts were tried. Those that were skipped were not. */
export function visitedCount(run: RunSummary): number {
  return run.complete_count + run.partial_count + run.failed_count;
}

/** `41 of 43 hosts` while it runs, `43 hosts` when all were visited. */
export function progressWords(run: RunSummary): string {
  const visited = visitedCount(run);
  return visited === run.host_count ? plural(visited, "host") : `${exactCount(visited)} of ${plural(run.host_count, "host")}`;
}

/** What a run says that holds no visits: more come only while it goes on. */
export function noVisitsWords(state: RunState): { title: string; body?: string } {
  if (state === "running") return { title: "No host has been visited yet", body: "Hosts appear here as their visits end." };
  return { title: "No host was visited in this run" };
}

/** How long the run took; nothing while it goes on. */
export function tookWords(run: RunSummary): string | null {
  if (!run.finished_at) return null;
  return durationWords(Date.parse(run.finished_at) - Date.parse(run.started_at));
}
