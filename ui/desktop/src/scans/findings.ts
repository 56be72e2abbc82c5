// Findings in words, in the order in which a person should look, and counted. Nothing here draws.
import type { contract } from "@luumen/backend";
import { plural, SEVERITIES, type SeverityName, type Tone } from "@luumen/kit";

type Finding = contract.Finding;

/** What a person has to look at. */
export function isOpen({ verdict }: Pick<Finding, "verdict">): boolean {
  return verdict !== "fixed" && verdict !== "not_affected";
}

interface Words {
  tone: Tone;
  word: string;
  title: string;
}

const VERDICTS: Record<string, Words> = {
  vulnerable: { tone: "failed", word: "Vulnerable", title: "It has it" },
  under_investigation: { tone: "unknown", word: "Not decided", title: "The vendor has not decided yet; nobody knows better" },
  possible: { tone: "partial", word: "Possible", title: "Only somebody who does not know this package says so: worth a look, not an alarm" },
  unknown: { tone: "unknown", word: "Cannot be said", title: "What is known is not enough to judge it" },
  fixed: { tone: "ok", word: "Fixed", title: "The installed version has the fix" },
  not_affected: { tone: "ok", word: "Not affected", title: "It never had it" },
};

/** A verdict that this window does not know is shown by its name, and never as fine. */
export function verdictWords(verdict: string): Words {
  return VERDICTS[verdict] ?? { tone: "unknown", word: verdict, title: "A newer Luumen judged it; this one does not know the word" };
}

/** A severity that this window does not know is one that nobody rated. */
export function severityOf({ severity }: Pick<Finding, "severity">): SeverityName {
  return SEVERITIES.find((name) => name === severity) ?? "unknown";
}

export function fixWords({ fixed_version, fix_channel, end_of_life }: Pick<Finding, "fixed_version" | "fix_channel" | "end_of_life">): string {
  if (fixed_version) return fix_channel ? `${fixed_version} from ${fix_channel}, which needs a subscription` : fixed_version;
  return end_of_life ? "none: support of this release has ended" : "none is published";
}

const order = (finding: Finding): number[] => [
  finding.verdict === "vulnerable" ? 0 : 1,
  finding.kev_added_at ? 0 : 1,
  SEVERITIES.indexOf(severityOf(finding)),
  -(finding.epss ?? 0),
];

/** Known to be exploited first, then by severity and by how likely it is to be. */
export function ranked(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => {
    const [x, y] = [order(a), order(b)];
    const at = x.findIndex((value, index) => value !== y[index]);
    return at < 0 ? a.vulnerability.localeCompare(b.vulnerability) : (x[at] ?? 0) - (y[at] ?? 0);
  });
}

export interface Counts {
  open: number;
  severities: Record<SeverityName, number>;
  exploited: number;
  undecided: number;
}

export function count(findings: readonly Finding[]): Counts {
  const open = findings.filter(isOpen);
  const sure = open.filter(({ verdict }) => verdict === "vulnerable");
  const severities = Object.fromEntries(SEVERITIES.map((name) => [name, sure.filter((finding) => severityOf(finding) === name).length])) as Counts["severities"];
  return { open: sure.length, severities, exploited: sure.filter(({ kev_added_at }) => kev_added_at).length, undecided: open.length - sure.length };
}

/** What a scan came to, in a line. Where nothing was judged there are not 0: nobody knows how many. */
export function judgedWords({ judged }: Pick<contract.Scan, "judged">, open: number): string {
  if (judged === "nothing") return "Nothing was judged";
  if (judged === "whole") return `${plural(open, "vulnerability", "vulnerabilities")} found`;
  return `${open === 0 ? "No vulnerability" : plural(open, "vulnerability", "vulnerabilities")} found in what could be judged`;
}

/** The same in a list, where the findings of all kinds are counted. */
export function rowWords({ judged, findings }: Pick<contract.ScanRow, "judged" | "findings">): string | null {
  if (judged === "nothing") return null;
  return judged === "part" && findings === 0 ? "No finding in what could be judged" : plural(findings, "finding");
}

/** A number over a list, where it is one: 0 of what was judged in part says nothing of the rest. */
export function countWords(what: string, number: number, { judged }: Pick<contract.Scan, "judged">): string {
  return judged === "whole" || (judged === "part" && number > 0) ? `${what} ${number}` : what;
}

/** What keeps a scan from judging what is installed. */
const NEEDED = ["os", "packages", "vulnerabilities"];

/** Why nothing was judged, and what can be done. */
export function whyNothing({ state, problem, unjudged }: Pick<contract.Scan, "state" | "problem" | "unjudged">): string {
  if (state !== "done") return "The scan did not come to its end. Scan again.";
  if (problem?.code === "LUM-CATALOGUE-NONE") return "There is no catalogue on this device. Bring one under Settings, Catalogue, then scan again.";
  const gaps = unjudged.filter((gap) => NEEDED.some((what) => gap.startsWith(`${what}:`)));
  return `${gaps.map((gap) => `${sectionName(gap)}.`).join(" ")} That does not mean that there is nothing: see “Not seen”.`.trim();
}

export interface Fix {
  package: string;
  version: string;
  channel: string | null;
  closes: Finding[];
}

/** The updates that close most, each with what it closes: the fix that is enough for all of a package is the last one. */
export function fixes(findings: readonly Finding[]): Fix[] {
  const byPackage = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.verdict !== "vulnerable" || !finding.fixed_version) continue;
    byPackage.set(finding.package, [...(byPackage.get(finding.package) ?? []), finding]);
  }
  return [...byPackage]
    .map(([name, closes]) => ({ package: name, version: versionsOf(closes), channel: closes.find(({ fix_channel }) => fix_channel)?.fix_channel ?? null, closes: ranked(closes) }))
    .sort((a, b) => b.closes.length - a.closes.length || a.package.localeCompare(b.package));
}

// Which of two versions is later is the workbench's to say; several are all named.
function versionsOf(closes: readonly Finding[]): string {
  return [...new Set(closes.map(({ fixed_version }) => fixed_version ?? ""))].sort().join(", ");
}

/** Words find a vulnerability, a package, or what is said of it; `kev:yes` and `severity:high` too. */
export function findingFits(finding: Finding, typed: string): boolean {
  const text = [finding.vulnerability, finding.package, finding.why, finding.source, finding.advisory ?? "", ...finding.installed.map(({ name }) => name)].join("\n").toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => {
      if (word.startsWith("severity:")) return finding.severity === word.slice(9);
      if (word === "kev:yes") return finding.kev_added_at !== undefined && finding.kev_added_at !== null;
      return text.includes(word);
    });
}

/** CISA's decision points in words: how it is exploited, whether that can be automated, and what it gives away. */
export function pointsWords({ exploitation, automatable, technical_impact }: contract.DecisionPoints): string {
  const exploited: Record<string, string> = { none: "not exploited as far as is known", poc: "a proof of concept is public", active: "it is exploited" };
  const impact: Record<string, string> = { partial: "part of the control", total: "all control" };
  return `${exploited[exploitation] ?? exploitation}; ${automatable ? "can" : "cannot"} be automated; gives ${impact[technical_impact] ?? technical_impact} away`;
}

export const SECTION_WORDS: Record<string, { tone: Tone; word: string; title: string }> = {
  ok: { tone: "ok", word: "Complete", title: "Everything was read" },
  unchanged: { tone: "ok", word: "Unchanged", title: "The same facts as before" },
  unsupported: { tone: "off", word: "Not on this system", title: "This platform has no such thing" },
  partial: { tone: "partial", word: "Partial", title: "Something was read and something was not" },
  denied: { tone: "failed", word: "Denied", title: "The account may not read it" },
  timeout: { tone: "stale", word: "Timed out", title: "A command did not end in time" },
  truncated: { tone: "partial", word: "Cut", title: "The output reached its cap and the rest was cut" },
  parse_error: { tone: "failed", word: "Not understood", title: "Output came and could not be understood" },
};

/** Only these mean "this is all there is". */
export function isWhole({ status }: Pick<contract.ScanSection, "status">): boolean {
  return status === "ok" || status === "unchanged" || status === "unsupported";
}

/** The scans that one can be compared with, the latest first: earlier ones that saw the host. A failed or cancelled one saw nothing. */
export function comparable(scan: Pick<contract.Scan, "id" | "started_at">, rows: readonly contract.ScanRow[]): contract.ScanRow[] {
  return rows
    .filter(({ id, started_at, state }) => id !== scan.id && started_at < scan.started_at && state === "done")
    .sort((a, b) => b.started_at.localeCompare(a.started_at));
}

/** `sudo_policy` is `Sudo policy`. */
export function sectionName(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const DAYS_UNTIL_OLD = 7;

/** The catalogue beside what it judged. One that judged nothing is not shown as good, and none is named where another reason stands below. */
export function catalogueMark({ catalogue, judged, problem }: Pick<contract.Scan, "catalogue" | "judged" | "problem">): { tone: Tone; word: string } | null {
  if (!catalogue) return problem?.code === "LUM-CATALOGUE-NONE" ? catalogueTone(null) : null;
  const mark = catalogueTone(catalogue);
  return judged === "nothing" && mark.tone === "ok" ? { ...mark, tone: "off" } : mark;
}

/** How far the catalogue can be trusted: an old one, or a sample, is said as such. */
export function catalogueTone(catalogue: contract.CatalogueInfo | null): { tone: Tone; word: string } {
  if (!catalogue) return { tone: "failed", word: "No catalogue: nothing was judged" };
  if (catalogue.sample) return { tone: "partial", word: "Sample catalogue: most vulnerabilities are missing" };
  if (catalogue.age_days > DAYS_UNTIL_OLD) return { tone: "stale", word: `Catalogue is ${catalogue.age_days} days old` };
  return { tone: "ok", word: catalogue.age_days === 0 ? "Catalogue of today" : `Catalogue is ${catalogue.age_days} ${catalogue.age_days === 1 ? "day" : "days"} old` };
}
