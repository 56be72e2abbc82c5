// A state: always an icon, a word and a colour together.
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleHalf2,
  IconCircleX,
  IconClockExclamation,
  IconPlayerPause,
  IconProgress,
  type Icon,
} from "@tabler/icons-react";

export type Tone = "ok" | "partial" | "stale" | "failed" | "running" | "unknown" | "off" | "warning";

const ICONS: Record<Tone, Icon> = {
  ok: IconCircleCheck,
  partial: IconCircleHalf2,
  stale: IconClockExclamation,
  failed: IconCircleX,
  running: IconProgress,
  unknown: IconCircleDashed,
  off: IconPlayerPause,
  warning: IconAlertTriangle,
};

export function StateMark({ tone, word, title }: { tone: Tone; word: string; title?: string | undefined }) {
  const Mark = ICONS[tone];
  return (
    <span className="state" data-tone={tone} title={title ?? word}>
      <Mark size={15} stroke={1.9} aria-hidden />
      <span className="state-word">{word}</span>
    </span>
  );
}
