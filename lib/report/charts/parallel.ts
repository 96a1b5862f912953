import type { EChartsOption } from "echarts";
import type { Markup } from "../html/markup";
import { lookOf } from "./look";
import { axisLook, drawSvg } from "./svg";

export interface ParallelAxis {
  name: string;
  /** One a run; a text makes a category of the axis, and undefined leaves the run out of it. */
  values: readonly (string | number | undefined)[];
}

/** A line a run over an axis each for what was searched; the last axis is what came of it. */
export function drawParallel(axes: readonly ParallelAxis[], label: string): Markup {
  const runs = axes[0]?.values.length ?? 0;
  const option: EChartsOption = {
    parallel: { left: 70, right: 80, top: 44, bottom: 24 },
    parallelAxis: axes.map(({ name, values }, dim) => {
      const categories = [...new Set(values.filter((value) => typeof value === "string"))].sort();
      const halo = { textBorderColor: "var(--bg)", textBorderWidth: 4 };
      const look = {
        ...axisLook,
        nameTextStyle: { color: "var(--text)", fontSize: 12 },
        axisLabel: { ...axisLook.axisLabel, ...halo, color: "var(--text)" },
      };
      const common = { dim, z: 5, name: shortened(name), ...look };
      if (categories.length === 0)
        return { ...common, type: spansDecades(values) ? ("log" as const) : ("value" as const), scale: true };
      const axisLabel = { ...look.axisLabel, formatter: shortened };
      return { ...common, axisLabel, type: "category" as const, data: categories };
    }),
    series: Array.from({ length: runs }, (_, run) => ({
      type: "parallel" as const,
      silent: true,
      emphasis: { disabled: true },
      lineStyle: { color: lookOf(run).colour, type: lookOf(run).dash, width: runs > 12 ? 1.4 : 2.2, opacity: 1 },
      data: [axes.map(({ values }) => values[run] ?? "-")],
    })),
  };
  return drawSvg(option, { width: Math.max(640, axes.length * 150), height: 340 }, label);
}

/** Names stand between two axes. */
function shortened(name: string): string {
  return name.length > 20 ? `${name.slice(0, 19)}…` : name;
}

/** Such as learning rates: in equal steps all but the largest would lie on each other. */
function spansDecades(values: ParallelAxis["values"]): boolean {
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.every((value) => value > 0) && Math.max(...numbers) >= 100 * Math.min(...numbers);
}
