import type { EChartsOption, LineSeriesOption } from "echarts";
import { compact } from "../figures";
import type { Markup } from "../html/markup";
import { bestOf } from "../runs/curves";
import type { Curve } from "../runs/run";
import { lookOf } from "./look";
import { axisLook, drawSvg } from "./svg";

export interface CurveOfRun extends Curve {
  /** Index of the run in the report. */
  run: number;
}

const size = { width: 460, height: 260 };
const grid = { left: 44, right: 16, top: 12, bottom: 40 };

/** Where the script finds a chart's steps. */
export interface PlotArea {
  /** Borders of the plot, in shares of the chart's width. */
  left: number;
  right: number;
  first: number;
  last: number;
}

/** Curves of one metric over each other. @param markBest whether the largest value of each is marked: not for losses */
export function drawCurves(
  metric: string,
  curves: readonly CurveOfRun[],
  markBest: boolean,
  label: string,
): { svg: Markup; area: PlotArea } {
  const steps = curves.flatMap(({ steps: own }) => [own[0] ?? 0, own.at(-1) ?? 0]);
  const first = Math.min(...steps);
  const last = Math.max(...steps, first + 1);
  const option: EChartsOption = {
    grid,
    xAxis: {
      type: "value",
      min: first,
      max: last,
      minInterval: 1,
      name: "epoch",
      nameLocation: "middle",
      nameGap: 26,
      ...axisLook,
    },
    yAxis: { type: "value", scale: true, ...axisLook },
    series: curves.map((curve): LineSeriesOption => {
      const { colour, dash } = lookOf(curve.run);
      const best = markBest ? bestOf(curve) : null;
      return {
        type: "line",
        silent: true,
        showSymbol: curve.steps.length === 1,
        symbol: "circle",
        emphasis: { disabled: true },
        lineStyle: { color: colour, width: curves.length > 12 ? 1.4 : 2.2, type: dash },
        itemStyle: { color: colour },
        data: curve.steps.map((step, index) => [step, compact(curve.values[index] ?? 0, 5)]),
        markPoint: best
          ? {
              silent: true,
              symbol: "circle",
              symbolSize: curves.length > 12 ? 7 : 10,
              label: { show: false },
              itemStyle: { color: colour, borderColor: "var(--bg)", borderWidth: 1.5 },
              data: [{ name: "best", coord: [best.step, compact(best.value, 5)] }],
            }
          : undefined,
      };
    }),
  };
  const area = { left: grid.left / size.width, right: 1 - grid.right / size.width, first, last };
  return { svg: drawSvg(option, size, `${metric}: ${label}`), area };
}
