// A plot with its table behind a toggle: the same numbers to look at, or to read.
import { SegmentedControl } from "@mantine/core";
import { lazy, Suspense, useState } from "react";

import { Panel } from "../page/page";
import { PlainTable } from "../table/PlainTable";
import { Loading } from "../state/states";
import { Count } from "../text/text";
import { Link } from "../link/Link";

const Chart = lazy(() => import("./Chart"));

export interface PlotSeries {
  name: string;
  /** Name of a token, such as `--state-ok`. */
  token: string;
  values: number[];
}

export interface BarPlot {
  categories: string[];
  series: PlotSeries[];
  /** Bars lie on their side, for long names. */
  horizontal?: boolean;
  /** Several series stand on each other unless told. */
  shape?: "stacked" | "beside" | "areas";
}

export function Plot({
  title,
  note,
  plot,
  category,
  height = 180,
  href,
}: {
  title: string;
  note?: string;
  plot: BarPlot;
  /** What the categories are, as the table's first heading. */
  category: string;
  height?: number;
  /** The rows behind a category. */
  href?: (category: string, index: number) => string | undefined;
}) {
  const [view, setView] = useState("plot");
  const rows = plot.categories.map((name, index) => ({ name, index }));
  const total = plot.series.reduce((sum, { values }) => sum + values.reduce((a, b) => a + b, 0), 0);
  const summary = `${title}: ${plot.categories.length} ${category.toLowerCase()} entries, ${total} in all. The same numbers are in the table view.`;
  return (
    <Panel
      title={title}
      note={note}
      flush={view === "table"}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={`${title}: plot or table`}
          value={view}
          onChange={setView}
          data={[
            { value: "plot", label: "Plot" },
            { value: "table", label: "Table" },
          ]}
        />
      }
    >
      {view === "plot" ? (
        <div role="img" aria-label={summary} style={{ height }}>
          <Suspense fallback={<Loading what="the plot" rows={4} />}>
            <Chart plot={plot} href={href} />
          </Suspense>
        </div>
      ) : (
        <PlainTable
          label={title}
          rowId={(row) => row.name}
          rows={rows}
          columns={[
            {
              id: "category",
              title: category,
              cell: ({ name, index }) => {
                const target = href?.(name, index);
                return target ? <Link href={target}>{name}</Link> : name;
              },
            },
            ...plot.series.map((series) => ({
              id: series.name,
              title: series.name,
              align: "end" as const,
              cell: ({ index }: { index: number }) => <Count value={series.values[index] ?? 0} />,
            })),
          ]}
        />
      )}
    </Panel>
  );
}
