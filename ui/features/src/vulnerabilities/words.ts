// Findings in the words and marks of the surface. Nothing here draws.
import type {
  CatalogueInfo,
  Confidence,
  ExceptionKind,
  ExceptionState,
  FeedState,
  Finding,
  FindingState,
  FindingSummary,
  FindingVariant,
  FixState,
  JudgingGap,
  SeverityCounts,
  Status,
  Verdict,
} from "@luumen/api-client";
import type { Tone } from "@luumen/kit";
import { exactCount, plural } from "@luumen/kit/format";

import { SEVERITY_ORDER } from "./filter";

export interface Words {
  tone: Tone;
  word: string;
  title: string;
}

export const VERDICTS: Record<Verdict, Words> = {
  vulnerable: { tone: "failed", word: "Vulnerable", title: "It has it" },
  under_investigation: { tone: "unknown", word: "Under investigation", title: "The vendor has not decided yet; nobody knows better" },
  possible: { tone: "partial", word: "Possible", title: "Only somebody who does not know this package says so: worth a look, not an alarm" },
  unknown: { tone: "unknown", word: "Cannot be said", title: "What is known is not enough to judge it" },
  fixed: { tone: "ok", word: "Fixed", title: "The installed version has the fix" },
  not_affected: { tone: "ok", word: "Not affected", title: "It never had it" },
};

export const STATES: Record<FindingState, Words> = {
  open: { tone: "failed", word: "Open", title: "The host has it" },
  excepted: { tone: "off", word: "Excepted", title: "An exception covers it, and has not expired" },
  not_evaluable: {
    tone: "unknown",
    word: "Not evaluable",
    title: "It was open when the host could last be judged; now its facts or its vendor's claims are missing",
  },
  resolved: { tone: "ok", word: "Resolved", title: "Gone on positive evidence: fixed, not affected, or the package was removed" },
};

export const CONFIDENCES: Record<Confidence, string> = {
  high: "High: who builds the package says so of just this package",
  medium: "Medium: it follows from what was said of something near",
  low: "Low: from upstream's version numbers alone",
};

export const STATUSES: Record<Status, string> = {
  affected: "affected, no fix yet",
  fixed: "fixed",
  will_not_fix: "will not be fixed",
  deferred: "fix put off",
  under_investigation: "under investigation",
  not_affected: "not affected",
  end_of_life: "support has ended",
};

export const AUTHORITIES: Record<FindingVariant["authority"], string> = {
  vendor: "who builds the package",
  ecosystem: "the ecosystem's advisories",
  cna: "who assigned the CVE",
  nvd: "the NVD, by upstream's version numbers",
};

export const EXCEPTION_KINDS: Record<ExceptionKind, { word: string; title: string }> = {
  risk_accepted: { word: "Risk accepted", title: "It is true, and the risk is accepted until the expiry" },
  fix_planned: { word: "Fix planned", title: "It is true, and the fix is planned" },
  false_positive: { word: "False positive", title: "The finding is wrong" },
  code_not_reachable: { word: "Code not reachable", title: "The vulnerable code is not in use here" },
  requires_configuration: { word: "Needs a configuration", title: "It needs a configuration that is not set here" },
  protected_by_control: { word: "Protected by a control", title: "Something else keeps it from being exploited" },
};

export const EXCEPTION_STATES: Record<ExceptionState, Words> = {
  active: { tone: "ok", word: "Active", title: "What it covers does not count as open" },
  expired: { tone: "stale", word: "Expired", title: "What it covered is open again" },
};

export const FEED_STATES: Record<FeedState, Words> = {
  fresh: { tone: "ok", word: "Fresh", title: "Read in time" },
  stale: { tone: "stale", word: "Stale", title: "Older than it should be; what was known is still used" },
  failing: { tone: "failed", word: "Failing", title: "The last attempt failed; what was known before is still used" },
  never: { tone: "unknown", word: "Never read", title: "Nothing of it was ever read, so nothing it says is known" },
};

const RATERS: [RegExp, string][] = [
  [/^nvd|nist/, "NVD"],
  [/^redhat|red_hat|^rhel/, "Red Hat"],
  [/^suse/, "SUSE"],
  [/^alma/, "AlmaLinux"],
  [/^amazon|^alas/, "Amazon"],
  [/^msrc|^microsoft/, "Microsoft"],
  [/^pypi|^osv/, "OSV"],
  [/^cisa/, "CISA"],
];

/** Who rates, as people call them: `Debian` for the feed `debian-tracker`. */
export function raterWord(source: string): string {
  const known = RATERS.find(([pattern]) => pattern.test(source.toLowerCase()));
  if (known) return known[1];
  const [first = source] = source.split(/[-@.]/);
  return first.slice(0, 1).toUpperCase() + first.slice(1);
}

/** Who speaks of a package, as it stands before its name. */
export function originWords(name: string): string | null {
  if (name.startsWith("app/")) return "outside of packages, by upstream's version ranges";
  if (name.startsWith("nvd/")) return "its vendor is silent: information, no finding";
  if (name.startsWith("pypi/")) return "a Python distribution, by PyPI's advisories";
  return null;
}

/** True for what is told and never counted. */
export function isInformation({ verdict }: Pick<Finding, "verdict">): boolean {
  return verdict === "possible";
}

/** What could not be judged, with how many hosts: `Python packages on 12 hosts: …`. */
export function gapWords({ what, why, host_count }: JudgingGap): string {
  const subject = what === "host" ? plural(host_count, "host") : `${GAPS[what] ?? what.replaceAll("_", " ")} on ${plural(host_count, "host")}`;
  return `${subject}: ${why}`;
}

const GAPS: Record<string, string> = {
  packages: "Packages",
  packages_of_others: "Packages that others built",
  python_packages: "Python packages",
  kernel: "The kernel",
  applications: "Applications",
};

/** What a subscription's channel is called by those who sell it. */
export function channelWords(channel: string, platform = ""): string {
  const family = platform.split("/")[0];
  if (/^(esm|fips)/.test(channel) && (family === "ubuntu" || family === "")) return `Ubuntu Pro (${channel})`;
  if (channel === "elts") return "Debian ELTS (elts)";
  if (channel.startsWith("ltss")) return `SUSE LTSS (${channel})`;
  if (/^(eus|aus|e4s|tus|els)/.test(channel)) return `a Red Hat subscription (${channel})`;
  return `the channel ${channel}`;
}

type FixOf = Pick<FindingVariant, "fix" | "fixed_version" | "fix_channel" | "platform">;

/** What can be done, as one phrase. */
export function fixWords({ fix, fixed_version, fix_channel, platform }: FixOf): string {
  switch (fix) {
    case "available": {
      const from = fix_channel ? ` from ${channelWords(fix_channel, platform)}` : "";
      return fixed_version ? `Fixed in ${fixed_version}${from}` : `A fix is published${from}`;
    }
    case "needs_subscription":
      return `Fix needs ${fix_channel ? channelWords(fix_channel, platform) : "a subscription"}`;
    case "none":
      return "No fix is published";
  }
}

export const END_OF_LIFE = "Support of this release has ended";

export const FIX_STATES: Record<FixState, Words> = {
  available: { tone: "ok", word: "Available", title: "A fix is published where every host gets it" },
  needs_subscription: { tone: "partial", word: "Subscription", title: "The only fix is in a channel that needs a subscription" },
  none: { tone: "off", word: "None", title: "No fix is published" },
};

/** Why a finding stands in the list, as short as a cell. */
export function whyInShort({ verdict, fix, end_of_life, running_kernel }: Pick<Finding, "verdict" | "fix" | "end_of_life" | "running_kernel">): string {
  const why = verdict === "vulnerable" ? vulnerableInShort(fix, end_of_life) : NOT_VULNERABLE[verdict];
  return running_kernel === false ? `${why}; kernel installed, not running` : why;
}

const NOT_VULNERABLE: Record<Exclude<Verdict, "vulnerable">, string> = {
  under_investigation: "the vendor has not decided",
  possible: "by upstream's version alone",
  unknown: "cannot be said",
  fixed: "has the fix",
  not_affected: "not affected",
};

function vulnerableInShort(fix: FixState, ended: boolean): string {
  if (fix === "available") return "older than the fix";
  if (fix === "needs_subscription") return "fix needs a subscription";
  return ended ? "support ended, no fix" : "no fix published";
}

/** A probability such as `94 %`, `0.4 %`, `< 0.1 %`. */
export function percentWords(probability: number): string {
  const percent = probability * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "< 0.1 %";
  return percent < 10 ? `${Number(percent.toFixed(1))} %` : `${Math.floor(percent)} %`;
}

/** `today`, `1 day`, `14 days`. */
export function daysWords(days: number): string {
  return days <= 0 ? "today" : plural(days, "day");
}

export function sumOf(counts: SeverityCounts): number {
  return SEVERITY_ORDER.reduce((sum, severity) => sum + counts[severity], 0);
}

/** `2 critical, 5 high`, worst first; what is zero is left out. */
export function countsWords(counts: SeverityCounts): string {
  const named = SEVERITY_ORDER.filter((severity) => counts[severity] > 0);
  const word = (severity: (typeof named)[number]) =>
    severity === "unknown" ? "not rated" : severity === "none" ? "harmless" : severity;
  return named.map((severity) => `${exactCount(counts[severity])} ${word(severity)}`).join(", ") || "none";
}

/** How things stand, in one sentence. */
export function stateSentence(summary: FindingSummary): string {
  if (!summary.catalogue) return "Nothing has been judged yet: no catalogue of vulnerabilities is there";
  const open = sumOf(summary.findings);
  const hosts = `${exactCount(summary.affected_host_count)} of ${plural(summary.assessed_host_count, "judged host")}`;
  if (summary.assessed_host_count === 0) return "No host has been judged yet";
  if (open === 0) return `Nothing open on ${plural(summary.assessed_host_count, "judged host")}`;
  const exploited = summary.kev_count > 0 ? `, ${exactCount(summary.kev_count)} known to be exploited` : "";
  return `${exactCount(open)} open on ${hosts}${exploited}`;
}

/** `12 open, 2 excepted, 1 not evaluable, 30 resolved`; what is zero is left out. */
export function hostsWords(finding: HostCountsOf): string {
  const parts: [number, string][] = [
    [finding.open_host_count, "open"],
    [finding.excepted_host_count, "excepted"],
    [finding.not_evaluable_host_count, "not evaluable"],
    [finding.resolved_host_count, "resolved"],
  ];
  const named = parts.filter(([count]) => count > 0).map(([count, word]) => `${exactCount(count)} ${word}`);
  return named.join(", ") || "none";
}

export type HostCountsOf = Pick<Finding, "open_host_count" | "excepted_host_count" | "not_evaluable_host_count" | "resolved_host_count">;

/** What is not known about the fleet; nothing when all of it was judged. */
export function notJudgedWords(count: number): string | null {
  if (count <= 0) return null;
  return `Not evaluable on ${plural(count, "host")}: nothing, or not all, is said about ${count === 1 ? "it" : "them"}`;
}

/** Feeds that are not fresh; nothing when all are. */
export function staleFeedsWords(count: number): string | null {
  if (count <= 0) return null;
  return count === 1 ? "1 feed is older than it should be, or failed" : `${exactCount(count)} feeds are older than they should be, or failed`;
}

/** What made the verdicts. */
export function catalogueWords({ claim_count, vulnerability_count }: CatalogueInfo): string {
  return `${plural(vulnerability_count, "vulnerability", "vulnerabilities")}, ${plural(claim_count, "claim")}`;
}
