import type { EChartsOption } from "echarts";
import { grouped } from "../figures";
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
  /** Whether each bar has its value beside it. */
  withValues?: boolean;
}

const width = 440;

/** Bars that lie, so that long names can be read. */
export function drawBars({ categories, series, max, unit, withValues = false }: Bars, label: string): Markup {
  const isDense = series.length > 6 || categories.length > 15;
  const thickness = isDense ? 7 : 14;
  const longest = Math.max(4, ...categories.map((category) => Math.min(20, category.length)));
  const option: EChartsOption = {
    grid: { left: 16 + longest * 7.5, right: withValues ? 64 : 28, top: 8, bottom: unit === undefined ? 28 : 44 },
    xAxis: {
      type: "value",
      splitNumber: max === undefined ? 3 : 5,
      min: 0,
      max,
      name: unit,
      nameLocation: "middle",
      nameGap: 26,
      ...axisLook,
    },
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
      label: {
        show: withValues,
        position: "right" as const,
        color: "var(--text)",
        fontSize: 12,
        formatter: ({ value }: { value: unknown }) => (typeof value === "number" ? grouped(value) : ""),
      },
      data: [...values],
    })),
  };
  const height = 60 + categories.length * (series.length * thickness * 1.25 + (isDense ? 9 : 14));
  return drawSvg(option, { width, height: Math.round(height) }, label);
}
