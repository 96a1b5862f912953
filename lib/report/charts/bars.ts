import type { EChartsOption } from "echarts";
import type { Markup } from "../html/markup";
import { axisLook, drawSvg } from "./svg";

export interface BarSeries {
  colour: string;
  values: readonly (number | null)[];
}

export interface Bars {
  categories: readonly string[];
  series: readonly BarSeries[];
  /** Largest value of the axis, where it is fixed. */
  max?: number;
  /** What the axis counts. */
  unit?: string;
}

/** Bars that lie, so that long names can be read. */
export function drawBars({ categories, series, max, unit }: Bars, label: string): Markup {
  const thickness = series.length > 6 ? 7 : 14;
  const longest = Math.max(4, ...categories.map((category) => Math.min(20, category.length)));
  const option: EChartsOption = {
    grid: { left: 16 + longest * 7.5, right: 28, top: 8, bottom: unit === undefined ? 28 : 44 },
    xAxis: { type: "value", min: 0, max, name: unit, nameLocation: "middle", nameGap: 26, ...axisLook },
    yAxis: {
      type: "category",
      inverse: true,
      data: categories.map((category) => (category.length > 20 ? `${category.slice(0, 19)}…` : category)),
      ...axisLook,
      axisLabel: { ...axisLook.axisLabel, color: "var(--text)", interval: 0 },
      splitLine: { show: false },
    },
    series: series.map(({ colour, values }) => ({
      type: "bar" as const,
      silent: true,
      emphasis: { disabled: true },
      barWidth: thickness,
      barGap: "20%",
      itemStyle: { color: colour },
      data: [...values],
    })),
  };
  const height = 60 + categories.length * (series.length * thickness * 1.25 + 14);
  return drawSvg(option, { width: 640, height: Math.round(height) }, label);
}
