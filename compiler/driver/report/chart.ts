import { svgPlot } from "../../analyze/plot.ts";
import { visible } from "../../support/text.ts";

/** A chart of a report, and the figures it is drawn of. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** How it is to be read. */
  readonly note: string;
  readonly svg: string;
  readonly isWide: boolean;
  readonly figures: FigureTable;
}
export interface FigureTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Colours are variables of the page, so that one chart serves light, dark and paper. */
export const COLORS = {
  main: "var(--c1)",
  second: "var(--c2)",
  third: "var(--c3)",
  rest: "var(--c4)",
  series: ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c5)", "var(--c6)", "var(--c4)"],
  text: "var(--muted)",
  line: "var(--line)",
} as const;

/** Widths of one column of the page and of both. */
const WIDTH = { half: 560, full: 1150 } as const;

type Option = Parameters<typeof svgPlot>[0];

/** The SVG of a chart as a part of a page: without a background, sizes and scripts' marks of its own. */
export function inlinePlot(
  id: string,
  label: string,
  option: Option,
  height: number,
  isWide = false,
): string {
  const styled = { backgroundColor: "transparent", textStyle: { fontFamily: "inherit" }, ...option };
  const svg = svgPlot(styled, isWide ? WIDTH.full : WIDTH.half, height);
  const name = escaped(visible(label));
  return svg
    .replace(/<style[\s\S]*?<\/style>\s*/g, "")
    .replace(/ (?:class|pointer-events|ecmeta_\w+|xmlns:xlink|version|baseProfile)="[^"]*"/g, "")
    .replace(/font-size:(\d+)px;font-family:inherit;/g, "font-size:$1px")
    .replace(/(id="|url\(#)part/g, `$1${id}-`)
    .replace(/<svg width="\d+" height="\d+"/, `<svg role="img" aria-label="${name}"`)
    .replaceAll("\n", "");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** An axis in the page's colours. */
export function axis(name: string, more: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    name,
    nameTextStyle: { color: COLORS.text, fontSize: 12 },
    axisLine: { show: false, lineStyle: { color: COLORS.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: COLORS.line } },
    ...more,
    axisLabel: { color: COLORS.text, fontSize: 12, ...(more.axisLabel as object | undefined) },
  };
}

/** Room around a chart's axes, beside their labels. */
export const GRID = {
  top: 34,
  left: 8,
  right: 16,
  bottom: 8,
  outerBoundsMode: "same",
  outerBoundsContain: "axisLabel",
} as const;

/** What every series has: nothing happens under the pointer. */
export const STILL = { silent: true, emphasis: { disabled: true } } as const;

export function legend(names: readonly string[]): Record<string, unknown> {
  return {
    top: 0,
    left: 0,
    data: [...names],
    itemWidth: 12,
    itemHeight: 12,
    itemGap: 26,
    textStyle: { color: COLORS.text, fontSize: 12 },
  };
}

/** A name for an axis: its end tells layers apart better than its beginning. */
export function shortName(name: string, most = 24): string {
  const text = visible(name);
  return text.length <= most ? text : `\u2026${text.slice(text.length - most + 1)}`;
}
