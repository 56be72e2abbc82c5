// The drawing itself: ECharts with only what bars and areas need, coloured by the kit's tokens.
import { useComputedColorScheme } from "@mantine/core";
import { BarChart, LineChart, type BarSeriesOption, type LineSeriesOption } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  TooltipComponent,
  type GridComponentOption,
  type LegendComponentOption,
  type TooltipComponentOption,
} from "echarts/components";
import { init, use, type ComposeOption, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

import { useGo } from "../link/Link";
import type { BarPlot } from "./Plot";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

type Option = ComposeOption<
  BarSeriesOption | LineSeriesOption | GridComponentOption | LegendComponentOption | TooltipComponentOption
>;

export default function Chart({
  plot,
  href,
}: {
  plot: BarPlot;
  href?: ((category: string, index: number) => string | undefined) | undefined;
}) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const scheme = useComputedColorScheme("light");
  const go = useGo();
  const onClick = useRef<(index: number) => void>(() => undefined);
  onClick.current = (index) => {
    const target = href?.(plot.categories[index] ?? "", index);
    if (target) go(target);
  };

  useEffect(() => {
    if (!box.current) return;
    const drawn = init(box.current, null, { renderer: "svg" });
    chart.current = drawn;
    drawn.on("click", (event) => onClick.current(event.dataIndex));
    const observer = new ResizeObserver(() => drawn.resize());
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      drawn.dispose();
    };
  }, []);

  useEffect(() => {
    const tokens = getComputedStyle(document.documentElement);
    chart.current?.setOption(optionOf(plot, (name) => tokens.getPropertyValue(name).trim()), true);
  }, [plot, scheme]);

  return <div ref={box} style={{ height: "100%" }} />;
}

function optionOf(plot: BarPlot, token: (name: string) => string): Option {
  const text = { color: token("--ink-2"), fontFamily: token("--font"), fontSize: 12 };
  const names = {
    type: "category" as const,
    data: plot.categories,
    inverse: plot.horizontal ?? false,
    axisLabel: { ...text, overflow: "truncate" as const, width: 130, hideOverlap: true },
    axisLine: { lineStyle: { color: token("--line-strong") } },
    axisTick: { show: false },
  };
  const amounts = {
    type: "value" as const,
    minInterval: 1,
    splitNumber: 3,
    axisLabel: text,
    splitLine: { lineStyle: { color: token("--line") } },
  };
  const many = plot.series.length > 1;
  return {
    animation: false,
    textStyle: text,
    grid: { left: 4, right: plot.horizontal ? 36 : 12, top: many ? 30 : 10, bottom: 2, containLabel: true },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: plot.shape === "areas" ? "line" : "shadow" },
      backgroundColor: token("--surface"),
      borderColor: token("--line-strong"),
      textStyle: { ...text, color: token("--ink") },
    },
    ...(many && {
      legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, icon: "rect", textStyle: text, selectedMode: false },
    }),
    xAxis: plot.horizontal ? { ...amounts, show: false } : names,
    yAxis: plot.horizontal ? names : amounts,
    series: plot.shape === "areas" ? areasOf(plot, token) : barsOf(plot, token, text),
  };
}

function barsOf(plot: BarPlot, token: (name: string) => string, text: object): BarSeriesOption[] {
  const stacked = plot.series.length > 1 && plot.shape !== "beside";
  return plot.series.map(({ name, token: colour, values }) => ({
    type: "bar",
    name,
    data: values,
    ...(stacked && { stack: "all" }),
    barMaxWidth: plot.horizontal ? 14 : 26,
    itemStyle: { color: token(colour) },
    label: { show: plot.horizontal ?? false, position: "right", ...text },
  }));
}

function areasOf(plot: BarPlot, token: (name: string) => string): LineSeriesOption[] {
  return plot.series.map(({ name, token: colour, values }) => ({
    type: "line",
    name,
    data: values,
    stack: "all",
    // A single day has no line to draw; its point is shown.
    showSymbol: values.length === 1,
    lineStyle: { width: 1, color: token(colour) },
    itemStyle: { color: token(colour) },
    areaStyle: { color: token(colour), opacity: 0.55 },
  }));
}
