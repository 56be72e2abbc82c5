// Small marks of findings that several screens share.
import type { Finding, FindingVariant } from "@luumen/api-client";
import { Count, exactWords, SeverityMark, severityWord, StateMark } from "@luumen/kit";

import { channelWords, END_OF_LIFE, FIX_STATES, fixWords, percentWords, raterWord } from "./words";

type Rated = Pick<Finding, "severity" | "score" | "score_version" | "severity_source" | "score_source">;

/** Severity with its score, and which edition of CVSS the score is of. Where two say different things, each has its name. */
export function Rating({ severity, score, score_version, severity_source, score_source }: Rated) {
  const title = score == null ? undefined : `CVSS ${score_version ?? ""} base score ${score.toFixed(1)}`;
  if (score != null && severity_source) {
    const [who, whose] = [raterWord(severity_source), score_source ? raterWord(score_source) : "CVSS"];
    return (
      <span className="two-lines rated-apart" title={`${who} says ${severityWord(severity).toLowerCase()}; the ${title} is ${whose === "CVSS" ? "of a source that is not named" : `${whose}’s`}`}>
        <SeverityMark severity={severity} /> ({who}){" · "}
        <span className="number">{score.toFixed(1)}</span> ({whose})
      </span>
    );
  }
  return <SeverityMark severity={severity} score={score ?? null} {...(title && { title })} />;
}

/** A sentence in a cell: two lines of it, and the rest on hover. */
export function TwoLines({ children }: { children: string }) {
  return (
    <span className="two-lines" title={children}>
      {children}
    </span>
  );
}

/** Known to be exploited, since when, and by whom. */
export function ExploitedMark({ since, ransomware }: { since: string | null | undefined; ransomware: boolean }) {
  if (!since) return <span className="faint">no</span>;
  const title = `CISA added it to the vulnerabilities known to be exploited on ${since.slice(0, 10)}${ransomware ? "; ransomware uses it" : ""}`;
  return <StateMark tone="failed" word={ransomware ? "Ransomware" : "Exploited"} title={title} />;
}

export function Epss({ probability }: { probability: number | null | undefined }) {
  if (probability == null) return <span className="faint" title="FIRST says nothing of it">not rated</span>;
  return (
    <span className="number" title={`Probability of exploitation within 30 days: ${(probability * 100).toFixed(2)} %`}>
      {percentWords(probability)}
    </span>
  );
}

/** What can be done about a row of the list. */
export function FixState({ fix }: Pick<Finding, "fix">) {
  const { tone, word, title } = FIX_STATES[fix];
  return <StateMark tone={tone} word={word} title={title} />;
}

const FIX_SENTENCES = { available: "A fix is published", needs_subscription: "Fix needs a subscription", none: "No fix is published" };

/** The same where there is room for a sentence. */
export function FixSentence({ fix }: Pick<Finding, "fix">) {
  const { tone, title } = FIX_STATES[fix];
  return <StateMark tone={tone} word={FIX_SENTENCES[fix]} title={title} />;
}

type Fixable = Pick<FindingVariant, "fix" | "fixed_version" | "fix_channel" | "platform">;

/** The same with version and channel, where they are known. */
export function FixMark(fixable: Fixable) {
  const { tone, title } = FIX_STATES[fixable.fix];
  return <StateMark tone={tone} word={fixWords(fixable)} title={title} />;
}

export function EndOfLifeMark() {
  return <StateMark tone="stale" word={END_OF_LIFE} title="The release no longer gets updates that every host gets" />;
}

export function ChannelMark({ channel, platform }: { channel: string; platform: string }) {
  return <StateMark tone="partial" word={`Needs ${channelWords(channel, platform)}`} />;
}

/** Hosts of a finding: open, excepted, not evaluable, and how many are done with it. */
export function HostCounts({ finding }: { finding: Finding }) {
  const { open_host_count, excepted_host_count, not_evaluable_host_count, resolved_host_count } = finding;
  const rest = [
    excepted_host_count > 0 && `${excepted_host_count} excepted`,
    not_evaluable_host_count > 0 && `${not_evaluable_host_count} not evaluable`,
  ].filter(Boolean);
  return (
    <span title={[`${open_host_count} open`, ...rest, `${resolved_host_count} resolved`].join(", ")}>
      <Count value={open_host_count} />
      {rest.length > 0 && <span className="faint"> +{excepted_host_count + not_evaluable_host_count}</span>}
    </span>
  );
}

/** A day without its hour. */
export function Day({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactWords(new Date(at))} className="number">
      {at.slice(0, 10)}
    </time>
  );
}
