import { axis, type Chart, COLORS, GRID, inlinePlot, legend, STILL, shortName } from "./chart.ts";
import { kindText, roundedBytes } from "./figures.ts";
import type { MemoryMap, ReportSection, Roofline } from "./report-data.ts";

/** Axes that have names need more of it. */
const compact = { ...GRID, right: 24, bottom: 28 };
const middle = { nameLocation: "middle", nameGap: 28 } as const;

/** Every layer below the roofs of one core. */
export function rooflineChart(id: string, { roofline, kind }: ReportSection): readonly Chart[] {
  if (roofline === undefined || roofline.points.length === 0) return [];
  const { points, macsPerSecond } = roofline;
  const giga = (n: number): number => Number((n / 1e9).toPrecision(5));
  const title = "Roofline";
  const note = `each layer's speed (${kindText(kind).title}) over how often it uses a byte, below what one core and its memory can do`;
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      grid: { ...compact, top: 40 },
      xAxis: axis("MACs a byte of weights and activations", {
        ...{ type: "log", ...middle, ...rangeOf(points.map((p) => p.macsPerByte)) },
        axisLine: { show: true, lineStyle: { color: COLORS.line } },
      }),
      yAxis: axis("billion MACs a second", {
        type: "log",
        ...rangeOf([...points.map((p) => p.macsPerSecond / 1e9), (1.2 * macsPerSecond) / 1e9]),
        nameTextStyle: { color: COLORS.text, align: "left", fontSize: 12 },
      }),
      series: [
        {
          ...{ ...STILL, type: "line", symbol: "none" },
          lineStyle: { color: COLORS.second, width: 2 },
          data: roofLine(roofline).map(([x, y]) => [x, giga(y)]),
        },
        {
          ...{ ...STILL, type: "scatter", symbolSize: points.length > 200 ? 5 : 8 },
          itemStyle: { color: COLORS.main, opacity: 0.75 },
          data: points.map((p) => [Number(p.macsPerByte.toPrecision(5)), giga(p.macsPerSecond)]),
        },
      ],
    },
    450,
  );
  const columns = ["layer", "MACs a byte", "MACs a second"];
  const rows = points.map((p) => [p.layer, round(p.macsPerByte), Math.round(p.macsPerSecond)]);
  return [{ id, title, note, svg, isWide: false, figures: { columns, rows } }];
}

function round(n: number): number {
  return Number(n.toPrecision(6));
}

function roofLine({
  points,
  macsPerSecond,
  bytesPerSecond,
}: Roofline): readonly (readonly [number, number])[] {
  const { min, max } = rangeOf(points.map((p) => p.macsPerByte));
  const ridge = macsPerSecond / bytesPerSecond;
  const at = (x: number): readonly [number, number] => [x, Math.min(macsPerSecond, x * bytesPerSecond)];
  return [min, ...(ridge > min && ridge < max ? [ridge] : []), max].map(at);
}

/** Powers of ten around values above 0. */
function rangeOf(values: readonly number[]): { readonly min: number; readonly max: number } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return { min: 10 ** Math.floor(Math.log10(least)), max: 10 ** Math.ceil(Math.log10(most)) };
}

/** Which tensor lies where in the arena, from step to step. */
export function memoryChart(id: string, { memory }: ReportSection): readonly Chart[] {
  if (memory === undefined || memory.tensors.length === 0) return [];
  const { tensors, arenaBytes, steps } = memory;
  const title = "Memory";
  const note = `tensors in the arena of ${roundedBytes(arenaBytes)}: across the steps that need them, up the bytes they take`;
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      grid: { ...compact, top: 40 },
      xAxis: axis("step", {
        type: "value",
        ...middle,
        min: 0,
        max: steps,
        splitLine: { show: false },
        minInterval: 1,
      }),
      yAxis: axis("KiB", {
        ...{ type: "value", min: 0, max: Math.ceil(arenaBytes / 1024) },
        nameTextStyle: { color: COLORS.text, align: "left", fontSize: 12 },
        axisLabel: { showMaxLabel: false },
      }),
      series: [{ ...STILL, type: "custom", renderItem: block(memory), data: tensors.map((_, i) => [i, i]) }],
    },
    380,
  );
  const columns = ["tensor", "offset", "bytes", "first step", "last step"];
  const rows = tensors.map((t) => [t.name, t.offset, t.bytes, t.first, t.last]);
  return [{ id, title, note, svg, isWide: false, figures: { columns, rows } }];
}

/** What draws a tensor; neighbours have other colours. */
function block({ tensors, steps }: MemoryMap) {
  // a rim that is no wider than what it is around
  const rim = steps > 150 ? {} : { stroke: "var(--surface)", lineWidth: 1 };
  const colors = [COLORS.main, COLORS.second, COLORS.series[3], COLORS.series[4]];
  return (params: { readonly dataIndex: number }, api: { coord: (at: number[]) => number[] }): object => {
    const { first, last, offset, bytes } = tensors[params.dataIndex];
    const [x, y] = api.coord([first, (offset + bytes) / 1024]);
    const [right, bottom] = api.coord([last + 1, offset / 1024]);
    const shape = { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) };
    const fill = colors[params.dataIndex % colors.length];
    return { type: "rect", shape, style: { fill, opacity: 0.8, ...rim } };
  };
}

/** What a thousand products cost, over the number of groups. */
export function groupsChart(id: string, { groups, kind }: ReportSection): readonly Chart[] {
  if (groups.length === 0) return [];
  const { unit } = kindText(kind);
  const title = "Cost against groups";
  const note = `${unit === "ms" ? "nanoseconds" : unit} a thousand MACs (${kindText(kind).title}) of each grouped convolution`;
  const costs = groups.map(({ costPerKiloMac }) => costPerKiloMac);
  const isWide = Math.max(...costs) > 8 * Math.min(...costs);
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      grid: { ...compact, top: 40 },
      xAxis: axis("groups", {
        ...{ type: "log", logBase: 2, ...middle },
        axisLine: { show: true, lineStyle: { color: COLORS.line } },
      }),
      yAxis: axis(`${unit === "ms" ? "ns" : unit} / 1000 MACs`, {
        ...(isWide ? { type: "log" } : { type: "value", min: 0 }),
        nameTextStyle: { color: COLORS.text, align: "left", fontSize: 12 },
      }),
      series: [
        {
          ...{ ...STILL, type: "scatter", symbolSize: 8 },
          itemStyle: { color: COLORS.main, opacity: 0.75 },
          data: groups.map(({ groups: g }, i) => [g, round(costs[i])]),
        },
      ],
    },
    380,
  );
  const columns = ["layer", "groups", "channels a group", `${unit === "ms" ? "ns" : unit} a thousand MACs`];
  const rows = groups.map((g, i) => [g.layer, g.groups, g.groupSize, round(costs[i])]);
  return [{ id, title, note, svg, isWide: false, figures: { columns, rows } }];
}

/** Tasks whose curves can still be told apart. */
const MOST_CURVES = 6;

/** How the best of each task improved. */
export function tuningChart(id: string, { tuning }: ReportSection): readonly Chart[] {
  if (tuning.length === 0) return [];
  const shown = tuning.slice(0, MOST_CURVES);
  const names = shown.map(({ task }, i) => `${i + 1}: ${shortName(task, 50)}`);
  const title = "Tuning";
  const note = `the best so far of each task, trial after trial, in percent of the untuned kernel${tuning.length > shown.length ? `; the ${shown.length} of ${tuning.length} tasks with the most trials` : ""}`;
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      legend: { ...legend(names), orient: "vertical", icon: "roundRect" },
      grid: { ...compact, top: 34 + 24 * shown.length },
      xAxis: axis("trials", { type: "value", ...middle, minInterval: 1, splitLine: { show: false } }),
      yAxis: axis("", { type: "value", scale: true, axisLabel: { formatter: "{value} %" } }),
      series: shown.map(({ best }, i) => ({
        ...{ ...STILL, name: names[i], type: "line", step: "end", symbol: "none" },
        lineStyle: { color: COLORS.series[i], width: 2 },
        itemStyle: { color: COLORS.series[i] },
        data: best.map((ratio, trial) => [trial + 1, Number((100 * ratio).toFixed(2))]),
      })),
    },
    310 + 24 * shown.length,
  );
  const rows = tuning.flatMap(({ task, best }) => best.map((ratio, i) => [task, i + 1, round(ratio)]));
  return [
    { id, title, note, svg, isWide: false, figures: { columns: ["task", "trial", "of the untuned"], rows } },
  ];
}
