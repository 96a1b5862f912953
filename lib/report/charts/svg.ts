/* eslint-disable @typescript-eslint/no-require-imports */
import type { EChartsOption } from "echarts";
import { Markup } from "../html/markup";

/** Loaded when a chart is drawn: it takes longer than all else that an `up` without changes does. */
function echarts(): typeof import("echarts") {
  return require("echarts") as typeof import("echarts");
}

export interface Size {
  width: number;
  height: number;
}

/**
 * Draws a chart as SVG without a browser. Colours are the page's CSS variables, so that a chart follows the reader's choice
 * of light or dark, and a run can be hidden in all charts at once.
 * @param label what the chart shows, for those who do not see it
 */
export function drawSvg(option: EChartsOption, { width, height }: Size, label: string): Markup {
  const chart = echarts().init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ ...option, animation: false });
    return accessible(chart.renderToSVGString(), width, label);
  } finally {
    // A chart that is not disposed of keeps the process alive.
    chart.dispose();
  }
}

const textColour = "var(--muted)";
const hairline = { lineStyle: { color: "var(--grid)" } };

/** What every axis looks like. */
export const axisLook = {
  axisLine: { show: true, lineStyle: { color: "var(--line)" } },
  axisTick: { lineStyle: { color: "var(--line)" } },
  axisLabel: { color: textColour, fontSize: 12, hideOverlap: true },
  nameTextStyle: { color: textColour, fontSize: 12 },
  splitLine: hairline,
};

/** A chart fills the page's width as far as its letters stay those of a text. */
const mostMagnified = 1.3;

/** The name for screen readers, digits that nobody sees removed, and no attribute that only a live chart would use. */
function accessible(svg: string, width: number, label: string): Markup {
  const name = new Markup(label.replace(/[&<>"']/g, " "));
  const head = `<svg role="img" aria-label="${name.text}" style="max-width:${Math.round(width * mostMagnified)}px" `;
  return new Markup(
    svg
      .replace("<svg ", head)
      .replace(/ (?:ecmeta_\w+|xmlns:xlink|baseProfile|version)="[^"]*"/g, "")
      .replace(/font-family:[^;"]*;?/g, "")
      .replace(/(?<= (?:d|points)=")[^"]*/g, (path) => path.replace(/\d+\.\d{2,}/g, shorter)),
  );
}

function shorter(digits: string): string {
  return String(Math.round(Number(digits) * 10) / 10);
}
