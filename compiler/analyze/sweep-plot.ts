import { svgPlot } from "./plot.ts";
import { type Setting, settingText } from "./sweep-record.ts";
import type { ColumnReport } from "./sweep-report.ts";

const HEIGHT = 420;

/** Cost over MACs, one chart a column: constant group sizes, constant numbers of groups, and those that no other beats. */
export function sweepPlot(
  network: string,
  columns: readonly ColumnReport[],
  macs: (setting: Setting) => number,
): string {
  const grids = columns.map((_, i) => ({ left: 80, right: 40, top: 90 + i * HEIGHT, height: HEIGHT - 110 }));
  const xAxis = columns.map((_, i) => ({
    type: "value",
    gridIndex: i,
    name: "million MACs",
    nameLocation: "middle",
    nameGap: 28,
    scale: true,
  }));
  const yAxis = columns.map(({ column, unit, kind }, i) => ({
    type: "value",
    gridIndex: i,
    name: `${column}: ${axisName(unit, kind)}`,
    nameTextStyle: { align: "left" },
    scale: true,
  }));
  const series = columns.flatMap((column, i) => chart(column, i, macs));
  return svgPlot(
    {
      title: { text: `${network}: group size (E2GC) and number of groups (FgGC)` },
      legend: { top: 34, data: ["constant G", "constant g", "not beaten"] },
      grid: grids,
      xAxis,
      yAxis,
      series,
    },
    960,
    60 + HEIGHT * columns.length,
  );
}

function axisName(unit: ColumnReport["unit"], kind: ColumnReport["kind"]): string {
  if (unit === "mJ") return "mJ a frame";
  if (unit === "instructions") return "million instructions";
  return kind === "bound" ? "ms, modelled bound" : `ms, ${kind}`;
}

function chart(
  { costs, pareto, unit }: ColumnReport,
  index: number,
  macs: (setting: Setting) => number,
): object[] {
  const scale = unit === "mJ" ? 1 : 1e6;
  const point = ({ setting, cost }: ColumnReport["costs"][number]): object => ({
    name: settingText(setting),
    value: [macs(setting) / 1e6, cost / scale],
  });
  const axes = { xAxisIndex: index, yAxisIndex: index };
  const scatter = (name: string, has: "g" | "G"): object => ({
    ...axes,
    name,
    type: "scatter",
    symbol: has === "G" ? "circle" : "triangle",
    label: { show: true, formatter: "{b}", position: has === "G" ? "left" : "right" },
    data: costs.filter(({ setting }) => setting[has] !== undefined).map(point),
  });
  const best = costs
    .filter(({ setting }) => pareto.includes(setting))
    .sort((a, b) => macs(a.setting) - macs(b.setting));
  return [
    scatter("constant G", "G"),
    scatter("constant g", "g"),
    {
      ...axes,
      name: "not beaten",
      type: "line",
      symbol: "none",
      lineStyle: { type: "dashed" },
      data: best.map(point),
    },
  ];
}
