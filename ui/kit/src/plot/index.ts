// Plots, apart from the rest of the kit: ECharts is loaded only where one is drawn.
export { Plot } from "./Plot";
export type { BarPlot, PlotSeries } from "./Plot";
