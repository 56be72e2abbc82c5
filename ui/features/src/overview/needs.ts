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

/** The hosts whose newest snapshot could not show a section, or `any`, whole; with the column that names them. */
export function unseenHref(section: string, cause: "denied" | "other"): string {
  return `/hosts?${new URLSearchParams({ q: `unseen:${section}=${cause}`, columns: "name,state,os,unseen,last_seen" })}`;
}

/** The hosts behind a bar of the freshness plot: the newest snapshot at least so old, and not older than the next. */
export function freshnessHref(buckets: Overview["freshness"], index: number): string {
  const [from, to] = [buckets[index - 1]?.up_to_s, buckets[index]?.up_to_s];
  if (typeof from !== "number" && typeof to !== "number") return hostsHref("seen:never");
  const terms = [typeof from === "number" && `seen:>${age(from)}`, typeof to === "number" && `seen:<${age(to)}`];
  return hostsHref(terms.filter(Boolean).join(" "));
}

function age(seconds: number): string {
  const hours = seconds / 3600;
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`;
}

/** Everything that wants a look; nothing when all is well. */
export function needsOf(overview: Overview): Need[] {
  const state = (name: string) => overview.states[name] ?? 0;
  const silent = overview.agents.filter((agent) => agent.state === "silent");
  const lost = overview.runs.filter((run) => run.state === "lost");
  const denied = overview.coverage.filter((gap) => gap.denied > 0).length;
  const torn = overview.coverage.filter((gap) => gap.other > 0).length;
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
      count: denied,
      what: denied === 1 ? "section denied" : "sections denied",
      why: "the account may not read them; a sudoers line would change that",
      href: unseenHref("any", "denied"),
    },
    {
      tone: "partial",
      count: torn,
      what: torn === 1 ? "section not read whole" : "sections not read whole",
      why: "denied in part, cut, timed out or not understood; each host says which, and nothing in them counts as fine",
      href: unseenHref("any", "other"),
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

/** One sentence on the whole fleet. Hosts that are switched off are not visited, so nothing is said of them. */
export function overviewWords(overview: Overview): string {
  const { host_count, states } = overview;
  if (host_count === 0) return "No hosts yet";
  const off = states["disabled"] ?? 0;
  const visited = host_count - off;
  if (visited === 0) return `${host_count === 1 ? "The host is" : `All ${host_count} hosts are`} switched off; nothing is visited`;
  return off === 0 ? visitedWords(visited, states) : `${visitedWords(visited, states)}; ${off} switched off`;
}

function visitedWords(count: number, states: Overview["states"]): string {
  const trouble = ["failing", "stale", "never_seen"].reduce((sum, name) => sum + (states[name] ?? 0), 0);
  const partial = states["partial"] ?? 0;
  if (trouble > 0) return `${plural(trouble, "host")} of ${count} ${trouble === 1 ? "needs" : "need"} a look`;
  if (partial > 0) {
    if (count === 1) return "The host was seen in time, but could not be read whole";
    if (partial === count) return `All ${count} hosts were seen in time, but none could be read whole`;
    return `All ${count} hosts were seen in time; ${partial === 1 ? "one could" : `${partial} could`} not be read whole`;
  }
  return count === 1 ? "The host was seen in time and read whole" : `All ${count} hosts were seen in time and read whole`;
}
