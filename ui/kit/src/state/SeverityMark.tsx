// How bad something is: always an icon, a word and a colour together, and the score where there is one.
import {
  IconAlertOctagon,
  IconChevronDown,
  IconChevronsUp,
  IconEqual,
  IconHelpCircle,
  IconMinus,
  type Icon,
} from "@tabler/icons-react";

/** From bad to harmless, and last what nobody has rated. */
export const SEVERITIES = ["critical", "high", "medium", "low", "none", "unknown"] as const;
export type SeverityName = (typeof SEVERITIES)[number];

const MARKS: Record<SeverityName, { icon: Icon; word: string; title: string }> = {
  critical: { icon: IconAlertOctagon, word: "Critical", title: "Critical" },
  high: { icon: IconChevronsUp, word: "High", title: "High" },
  medium: { icon: IconEqual, word: "Medium", title: "Medium" },
  low: { icon: IconChevronDown, word: "Low", title: "Low" },
  none: { icon: IconMinus, word: "None", title: "Said to be harmless" },
  unknown: { icon: IconHelpCircle, word: "Not rated", title: "No source says how bad it is" },
};

/** The word for a severity. */
export function severityWord(severity: SeverityName): string {
  return MARKS[severity].word;
}

/** The token of a severity's colour, for plots. */
export function severityToken(severity: SeverityName): string {
  return `--severity-${severity === "none" ? "unknown" : severity}`;
}

export function SeverityMark({ severity, score, title }: { severity: SeverityName; score?: number | null; title?: string }) {
  const { icon: Mark, word, title: usual } = MARKS[severity];
  return (
    <span className="state" data-severity={severity} title={title ?? usual}>
      <Mark size={15} stroke={1.9} aria-hidden />
      <span className="state-word">{word}</span>
      {score != null && <span className="number score">{score.toFixed(1)}</span>}
    </span>
  );
}
