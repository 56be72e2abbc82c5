// What needs a person today, most urgent first, each with the rows behind it.
import type { FindingSummary, Overview } from "@luumen/api-client";
import type { Tone } from "@luumen/kit";
import { plural } from "@luumen/kit/format";

import { hostsHref } from "../hosts/view";
import { agentsHref } from "../runs/view";
import { findingsHref } from "../vulnerabilities/view";

export interface Need {
  tone: Tone;
  /** Nothing is needed when it is zero. */
  count: number;
  word: string;
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

/** What both answers want a look at, the most urgent first; nothing when all is well. */
export function needsOf(overview: Overview, summary?: FindingSummary): Need[] {
  const needs = [...(summary ? ofVulnerabilities(summary) : []), ...ofFleet(overview)].filter(({ count }) => count > 0);
  return needs.sort((a, b) => URGENCY.indexOf(a.tone) - URGENCY.indexOf(b.tone));
}

const URGENCY: Tone[] = ["failed", "stale", "unknown", "partial", "warning"];

function ofFleet(overview: Overview): Need[] {
  const state = (name: string) => overview.states[name] ?? 0;
  const silent = overview.agents.filter((agent) => agent.state === "silent");
  const lost = overview.runs.filter((run) => run.state === "lost");
  const denied = overview.coverage.filter((gap) => gap.denied > 0).length;
  const torn = overview.coverage.filter((gap) => gap.other > 0).length;
  return [
    {
      tone: "failed",
      count: silent.length,
      word: silent.length === 1 ? `1 agent silent: ${silent[0]?.name ?? ""}` : plural(silent.length, "agent silent", "agents silent"),
      why: "no host is visited by a silent agent; see whether its service runs",
      href: agentsHref({ agents: "silent" }),
    },
    {
      tone: "failed",
      count: state("failing"),
      word: plural(state("failing"), "host failing", "hosts failing"),
      why: "the last visit did not succeed, or was skipped; each host says why",
      href: hostsHref("state:failing"),
    },
    {
      tone: "stale",
      count: state("stale"),
      word: plural(state("stale"), "host stale", "hosts stale"),
      why: "two intervals went by without a snapshot",
      href: hostsHref("state:stale"),
    },
    {
      tone: "unknown",
      count: state("never_seen"),
      word: plural(state("never_seen"), "host never seen", "hosts never seen"),
      why: "no visit has succeeded yet",
      href: hostsHref("state:never_seen"),
    },
    {
      tone: "failed",
      count: lost.length,
      // The answer holds the last runs only; older ones are in the list.
      word: overview.runs.length === 1 ? "the last run lost" : `${lost.length} of the last ${overview.runs.length} runs lost`,
      why: "the agent went silent before they were over",
      href: agentsHref({ runs: "lost" }),
    },
    {
      tone: "partial",
      count: denied,
      word: plural(denied, "section denied", "sections denied"),
      why: "the account may not read them; a sudoers line would change that",
      href: unseenHref("any", "denied"),
    },
    {
      tone: "partial",
      count: torn,
      word: plural(torn, "section not read whole", "sections not read whole"),
      why: "denied in part, cut, timed out or not understood; each host says which, and nothing in them counts as fine",
      href: unseenHref("any", "other"),
    },
    {
      tone: "warning",
      count: overview.reboot_required_count,
      word: plural(overview.reboot_required_count, "host asks for a reboot", "hosts ask for a reboot"),
      why: "an update is installed and not in force yet",
      href: hostsHref("reboot_required:true"),
    },
  ];
}

const FEEDS_HREF = "/vulnerabilities/feeds";

function ofVulnerabilities(summary: FindingSummary): Need[] {
  const { catalogue, kev_count, findings, stale_feed_count, not_evaluable_host_count, assessment_failure } = summary;
  return [
    {
      tone: "failed",
      count: kev_count,
      word: plural(kev_count, "finding known to be exploited", "findings known to be exploited"),
      why: "somebody uses them already, somewhere",
      href: findingsHref("kev:yes"),
    },
    {
      tone: "failed",
      count: findings.critical,
      word: plural(findings.critical, "critical finding", "critical findings"),
      why: "open, and covered by no exception",
      href: findingsHref("severity:critical"),
    },
    {
      tone: "failed",
      count: catalogue ? 0 : 1,
      word: "no catalogue of vulnerabilities",
      why: "nothing was judged, so that nothing is listed means nothing; fetch the feeds",
      href: FEEDS_HREF,
    },
    {
      tone: "failed",
      count: assessment_failure ? 1 : 0,
      word: "the last assessment failed",
      why: "hosts are not judged by what they have now; the findings say why, and when it is tried again",
      href: "/vulnerabilities",
    },
    {
      tone: "stale",
      count: stale_feed_count,
      word: plural(stale_feed_count, "feed stale or failing", "feeds stale or failing"),
      why: "older than it should be, or the last attempt failed; what was known before is still used",
      href: FEEDS_HREF,
    },
    {
      tone: "unknown",
      // Without a catalogue that is every host, and said above.
      count: catalogue ? not_evaluable_host_count : 0,
      word: plural(not_evaluable_host_count, "host not judged whole", "hosts not judged whole"),
      why: "nothing, or not all, is said about them; the list says why",
      href: findingsHref(""),
    },
    {
      tone: "warning",
      count: catalogue?.sample ? 1 : 0,
      word: "sample data of vulnerabilities",
      why: "not for judging hosts; fetch the real feeds",
      href: FEEDS_HREF,
    },
  ];
}

/** How many hosts nothing was ever read of, switched off or not. */
export function neverSeenCount({ freshness, states }: Pick<Overview, "freshness" | "states">): number {
  return freshness.find(({ label }) => label === "never")?.count ?? states["never_seen"] ?? 0;
}

/** What it means that no section has a gap: nothing, while no host was seen. */
export function noGapsWords(overview: Pick<Overview, "freshness" | "states" | "host_count">): { tone: Tone; word: string; rest: string } {
  if (neverSeenCount(overview) >= overview.host_count) {
    return { tone: "unknown", word: "No host was seen yet", rest: "What could not be read is known only after a first visit." };
  }
  return { tone: "ok", word: "No gaps", rest: "Every section of every host that was seen is complete." };
}

/** Hosts that stand in no row of the gaps, because nothing was ever read of them. */
export function neverSeenWords(count: number): string {
  return count === 1 ? "1 host was never seen" : `${plural(count, "host")} were never seen`;
}

/** What nothing to do rests on. */
export function wellWords({ states }: Overview): string {
  const off = states["disabled"] ? " that is switched on" : "";
  return `Every host${off} was seen in time and read whole, and every agent was heard. Nothing that is open is critical or known to be exploited, and the feeds are fresh.`;
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
