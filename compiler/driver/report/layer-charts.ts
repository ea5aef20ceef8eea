import { axis, type Chart, COLORS, GRID, inlinePlot, legend, STILL, shortName } from "./chart.ts";
import { changeText, kindText, percent, scaleFor } from "./figures.ts";
import type { CycleParts, ReportLayer, ReportSection } from "./report-data.ts";

/** Layers that are drawn with their names; more of them are figures without one. */
const NAMED = 16;
/** Bars that can still be told apart. */
const MOST_BARS = 400;

/** The layers of which something is known, those with the most of it where there are too many, in the network's order. */
function mostOf(
  layers: readonly ReportLayer[],
  of: (layer: ReportLayer) => number | undefined,
): readonly ReportLayer[] {
  const known = layers.flatMap((layer, i) => {
    const value = of(layer);
    return value === undefined ? [] : [{ layer, i, value }];
  });
  const most = known.sort((a, b) => b.value - a.value || a.i - b.i).slice(0, MOST_BARS);
  return most.sort((a, b) => a.i - b.i).map(({ layer }) => layer);
}

/** What each layer costs, in the network's order; before and after, where both are known. */
export function shareChart(id: string, { kind, layers }: ReportSection): readonly Chart[] {
  const known = mostOf(layers, ({ cost }) => cost);
  if (known.length === 0) return [];
  const isCompared = known.some(({ before }) => before !== undefined);
  const most = Math.max(...known.map(({ cost = 0, before = 0 }) => Math.max(cost, before)));
  const scale = scaleFor(kind, most);
  const bars = (name: string, color: string, of: (layer: ReportLayer) => number | undefined): object => ({
    ...STILL,
    ...{ name, type: "bar", barGap: "0%", barCategoryGap: known.length > 80 ? "10%" : "25%" },
    itemStyle: { color },
    data: known.map((layer) => scale.of(of(layer) ?? 0)),
  });
  const [top] = [...known].sort((a, b) => (b.cost ?? 0) - (a.cost ?? 0));
  const title = "Cost of each layer";
  const note = `${scale.unit}, ${kindText(kind).title}, in the network's order${known.length === MOST_BARS ? `, of the ${MOST_BARS} costliest` : ""}; most takes ${shortName(top.name, 60)} (${percent(top.share ?? 0)})`;
  const rows = known.map((l) =>
    isCompared
      ? [l.name, l.before ?? "", l.cost ?? "", changeText(l.before ?? 0, l.cost ?? 0)]
      : [l.name, l.cost ?? "", l.share ?? ""],
  );
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      ...(isCompared && { legend: legend(["before", "after"]) }),
      grid: { ...GRID, top: isCompared ? 34 : 14 },
      xAxis: axis("", {
        type: "category",
        data: known.map(({ name }) => shortName(name, 16)),
        axisLine: { show: true, lineStyle: { color: COLORS.line } },
        axisLabel: {
          rotate: 45,
          interval: known.length > 60 ? Math.ceil(known.length / 40) - 1 : 0,
          fontSize: 11,
        },
      }),
      yAxis: axis("", { type: "value" }),
      series: isCompared
        ? [bars("before", COLORS.rest, (l) => l.before), bars("after", COLORS.main, (l) => l.cost)]
        : [bars("cost", COLORS.main, (l) => l.cost)],
    },
    300,
    true,
  );
  const columns = isCompared ? ["layer", "before", "after", "change"] : ["layer", kind, "share"];
  return [{ id, title, note, svg, isWide: true, figures: { columns, rows } }];
}

const PARTS: readonly (readonly [keyof CycleParts, string, string])[] = [
  ["peak", "at the peak", COLORS.main],
  ["other", "other work", COLORS.rest],
  ["secondCache", "second cache", COLORS.second],
  ["memory", "memory", COLORS.third],
];

/** Where the cycles of the costliest layers go. */
export function partsChart(id: string, { layers, kind }: ReportSection): readonly Chart[] {
  const known = layers.flatMap(({ parts, name, cost = 0 }) => (parts ? [{ parts, name, cost }] : []));
  if (known.length === 0) return [];
  known.sort((a, b) => b.cost - a.cost);
  const all = known.slice(0, NAMED);
  const taken = all.reduce((sum, { cost }) => sum + cost, 0) / known.reduce((sum, { cost }) => sum + cost, 0);
  const scale = scaleFor(kind, Math.max(...all.map(({ parts }) => sumOf(parts))));
  const title = "Where the cycles go";
  const note = `${scale.unit} of the ${all.length} costliest layers (${percent(taken)} of all), ${kindText(kind).title}: what they multiply at the core's peak, other instructions and latencies, waits for the second cache and for memory`;
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      legend: legend(PARTS.map(([, name]) => name)),
      grid: { ...GRID, left: 28, top: 52 },
      xAxis: axis("", { type: "value", position: "top" }),
      yAxis: axis("", {
        type: "category",
        inverse: true,
        data: all.map(({ name }) => shortName(name)),
      }),
      series: PARTS.map(([key, name, color]) => ({
        ...STILL,
        ...{ name, type: "bar", stack: "all", barCategoryGap: "28%" },
        itemStyle: { color },
        data: all.map(({ parts }) => scale.of(parts[key])),
      })),
    },
    76 + 22 * all.length,
  );
  const columns = ["layer", ...PARTS.map(([, name]) => name)];
  const rows = all.map(({ name, parts }) => [name, ...PARTS.map(([key]) => Math.round(parts[key]))]);
  return [{ id, title, note, svg, isWide: false, figures: { columns, rows } }];
}

function sumOf({ peak, other, secondCache, memory }: CycleParts): number {
  return peak + other + secondCache + memory;
}

/** How far each layer is from what it should be, in parts of what rounding explains. */
export function errorChart(id: string, { layers }: ReportSection): readonly Chart[] {
  const known = mostOf(layers, ({ ofBound }) => ofBound);
  if (known.length === 0) return [];
  const errors = known.map(({ ofBound = 0 }) => ofBound);
  const most = Math.max(1, ...errors.filter(Number.isFinite));
  // what is no number is as far off as anything
  const finite = errors.map((error) => (Number.isFinite(error) ? error : 2 * most));
  const title = "Error of each layer";
  const note = "the largest, in parts of its rounding bound: above 1 a result is wrong";
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      grid: { ...GRID, top: 14 },
      xAxis: axis("", {
        type: "category",
        data: known.map(({ name }) => shortName(name, 16)),
        axisLabel: { rotate: 45, interval: Math.ceil(known.length / 20) - 1, fontSize: 11 },
      }),
      yAxis: axis("", { type: "value", max: Math.max(...finite) > 1 ? undefined : 1.1 }),
      series: [
        {
          ...{ ...STILL, type: "bar", barCategoryGap: "25%" },
          data: finite.map((value) => ({
            value: Number(value.toPrecision(4)),
            itemStyle: { color: value > 1 ? COLORS.third : COLORS.main },
          })),
        },
        {
          ...{ ...STILL, type: "line", symbol: "none" },
          lineStyle: { color: COLORS.third, type: "dashed", width: 1 },
          data: known.map(() => 1),
        },
      ],
    },
    300,
  );
  const rows = known.map(({ name, ofBound = 0 }) => [name, ofBound]);
  return [{ id, title, note, svg, isWide: false, figures: { columns: ["layer", "of bound"], rows } }];
}
