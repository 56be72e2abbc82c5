// Whether it gets better: open findings by severity over time, and what was opened and fixed each day.
import type { Trend } from "@luumen/api-client";
import { Empty, Loaded, Page, Panel, plural, severityToken, severityWord } from "@luumen/kit";
import { Plot } from "@luumen/kit/plot";
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { AreaNav, Notes } from "../AreaNav";
import { trendQuery } from "../queries";
import { changeOf, severitySeries, SPANS, type Span, type TrendView } from "./series";

const FEW_DAYS = 10;

export function TrendPage({ view, onView }: { view: TrendView; onView: (next: TrendView) => void }) {
  const trend = useQuery(trendQuery(view.days));
  return (
    <Page
      title="Trend of vulnerabilities"
      heading="Trend"
      state={trend.data && <Change trend={trend.data} view={view} />}
      actions={
        <>
          <SegmentedControl
            size="xs"
            aria-label="How findings are counted"
            value={view.counted}
            onChange={(counted) => onView({ ...view, counted: counted as TrendView["counted"] })}
            data={[
              { value: "hosts", label: "On each host" },
              { value: "once", label: "Each once" },
            ]}
          />
          <SegmentedControl
            size="xs"
            aria-label="How far back"
            value={String(view.days)}
            onChange={(days) => onView({ ...view, days: Number(days) as Span })}
            data={SPANS.map((days) => ({ value: String(days), label: `${days} days` }))}
          />
        </>
      }
    >
      <AreaNav current="trend" />
      <Notes />
      <Loaded from={trend} what="the trend" rows={8}>
        {(data) => (data.items.length > 0 ? <Plots trend={data} view={view} /> : <NoDays />)}
      </Loaded>
    </Page>
  );
}

function Change({ trend, view }: { trend: Trend; view: TrendView }) {
  const change = changeOf(trend.items, view.counted);
  if (!change) return <> </>;
  if (change.by === 0) return <>As many open as on {change.since}</>;
  return (
    <>
      {plural(Math.abs(change.by), "finding")} {change.by > 0 ? "more" : "fewer"} open than on {change.since}
    </>
  );
}

function NoDays() {
  return (
    <Panel>
      <Empty title="No day to show yet">The trend begins on the day that hosts are first judged. Days before are not made up.</Empty>
    </Panel>
  );
}

function Plots({ trend: { items }, view: { counted } }: { trend: Trend; view: TrendView }) {
  const categories = useMemo(() => items.map(({ day }) => day.slice(5)), [items]);
  const open = useMemo(
    () => ({
      // A handful of days is read off bars; an area needs a line to stand on.
      shape: items.length < FEW_DAYS ? ("stacked" as const) : ("areas" as const),
      categories,
      series: severitySeries(items, counted).map(({ severity, values }) => ({
        name: severityWord(severity),
        token: severityToken(severity),
        values,
      })),
    }),
    [items, counted, categories],
  );
  const moved = useMemo(
    () => ({
      shape: "beside" as const,
      categories,
      series: [
        { name: "Opened", token: "--state-failed", values: items.map(({ opened }) => opened) },
        { name: "Fixed", token: "--state-ok", values: items.map(({ fixed }) => fixed) },
      ],
    }),
    [items, categories],
  );
  return (
    <>
      <Plot
        title="Open by severity"
        note={counted === "hosts" ? "each finding on each of its hosts, by day in UTC" : "each finding once, by day in UTC"}
        plot={open}
        category="Day"
        height={280}
      />
      <Plot title="Opened and fixed" note="on each host, by day in UTC" plot={moved} category="Day" height={220} />
    </>
  );
}
