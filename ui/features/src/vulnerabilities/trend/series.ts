// The trend as plots: open findings by severity, and what was opened and fixed, by day.
import type { TrendDay } from "@luumen/api-client";

import { SEVERITY_ORDER } from "../filter";
import type { Params } from "../view";

export const SPANS = [30, 90, 365] as const;
export type Span = (typeof SPANS)[number];

export interface TrendView {
  days: Span;
  /** Each finding on each of its hosts, or each once. */
  counted: "hosts" | "once";
}

export function readTrendView(params: Params): TrendView {
  return {
    days: SPANS.find((each) => String(each) === params["days"]) ?? 90,
    counted: params["counted"] === "once" ? "once" : "hosts",
  };
}

export function writeTrendView({ days, counted }: TrendView): Params {
  return { ...(days !== 90 && { days: String(days) }), ...(counted === "once" && { counted }) };
}

/** Values by severity, the least at the bottom so that the worst stands on top; severities that never occur are left out. */
export function severitySeries(days: TrendDay[], counted: TrendView["counted"]) {
  return [...SEVERITY_ORDER]
    .reverse()
    .map((severity) => ({
      severity,
      values: days.map(({ on_hosts, findings }) => (counted === "once" ? findings : on_hosts)[severity]),
    }))
    .filter(({ values }) => values.some((value) => value > 0));
}

/** What has changed between the first and the last day: `+12 since 26 Aug`; nothing with less than two days. */
export function changeOf(days: TrendDay[], counted: TrendView["counted"]): { by: number; since: string } | null {
  const [first] = days;
  const last = days.at(-1);
  if (!first || !last || first === last) return null;
  const total = (day: TrendDay) => SEVERITY_ORDER.reduce((sum, each) => sum + (counted === "once" ? day.findings : day.on_hosts)[each], 0);
  return { by: total(last) - total(first), since: first.day };
}
