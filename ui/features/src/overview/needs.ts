// What needs a person today, most urgent first, each with the rows behind it.
import type { Overview } from "@luumen/api-client";
import type { Tone } from "@luumen/kit";
import { plural } from "@luumen/kit/format";

import { hostsHref } from "../hosts/view";

export interface Need {
  tone: Tone;
  count: number;
  what: string;
  why: string;
  href: string;
}

const UNSEEN_COLUMNS = "name,state,os,unseen,last_seen";

/** Everything that wants a look; nothing when all is well. */
export function needsOf(overview: Overview): Need[] {
  const state = (name: string) => overview.states[name] ?? 0;
  const silent = overview.agents.filter((agent) => agent.state === "silent");
  const lost = overview.runs.filter((run) => run.state === "lost");
  const gaps = overview.coverage.filter(({ denied }) => denied > 0);
  const needs: Need[] = [
    {
      tone: "failed",
      count: silent.length,
      what: silent.length === 1 ? `agent silent: ${silent[0]?.name ?? ""}` : "agents silent",
      why: "no host is visited by a silent agent; see whether its service runs",
      href: "/agents",
    },
    {
      tone: "failed",
      count: state("failing"),
      what: state("failing") === 1 ? "host failing" : "hosts failing",
      why: "the last visit did not succeed",
      href: hostsHref("state:failing"),
    },
    {
      tone: "stale",
      count: state("stale"),
      what: state("stale") === 1 ? "host stale" : "hosts stale",
      why: "two intervals went by without a snapshot",
      href: hostsHref("state:stale"),
    },
    {
      tone: "unknown",
      count: state("never_seen"),
      what: state("never_seen") === 1 ? "host never seen" : "hosts never seen",
      why: "no visit has succeeded yet",
      href: hostsHref("state:never_seen"),
    },
    {
      tone: "failed",
      count: lost.length,
      what: lost.length === 1 ? "run lost" : "runs lost",
      why: "the agent went silent before they were over",
      href: "/agents",
    },
    {
      tone: "partial",
      count: gaps.length,
      what: gaps.length === 1 ? "section denied" : "sections denied",
      why: "the account may not read them; a sudoers line would change that",
      href: `/hosts?${new URLSearchParams({ q: "state:partial", columns: UNSEEN_COLUMNS })}`,
    },
    {
      tone: "warning",
      count: overview.reboot_required_count,
      what: overview.reboot_required_count === 1 ? "host asks for a reboot" : "hosts ask for a reboot",
      why: "an update is installed and not in force yet",
      href: hostsHref("reboot_required:true"),
    },
  ];
  return needs.filter(({ count }) => count > 0);
}

/** One sentence on the whole fleet. */
export function overviewWords(overview: Overview): string {
  const { host_count, states } = overview;
  if (host_count === 0) return "No hosts yet";
  const trouble = ["failing", "stale", "never_seen"].reduce((sum, name) => sum + (states[name] ?? 0), 0);
  const partial = states["partial"] ?? 0;
  if (trouble > 0) return `${plural(trouble, "host")} of ${host_count} ${trouble === 1 ? "needs" : "need"} a look`;
  if (partial > 0) {
    if (host_count === 1) return "The host was seen in time, but could not be read whole";
    if (partial === host_count) return `All ${host_count} hosts were seen in time, but none could be read whole`;
    return `All ${host_count} hosts were seen in time; ${partial === 1 ? "one could" : `${partial} could`} not be read whole`;
  }
  return host_count === 1 ? "The host was seen in time and read whole" : `All ${host_count} hosts were seen in time and read whole`;
}
