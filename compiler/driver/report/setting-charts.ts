import type { TableView } from "../../codegen/report-view.ts";
import { axis, type Chart, COLORS, GRID, inlinePlot, STILL } from "./chart.ts";
import { kindText, type Scale, scaleFor } from "./figures.ts";
import { numbers, tableOf, words } from "./layer-table.ts";
import type { Packs } from "./pack-texts.ts";
import type { CostKind, Interval, ReportSection, SettingCost } from "./report-data.ts";

/** What is drawn over the number or the size of groups. */
interface Quantity {
  readonly name: "cost" | "energy";
  /** As a heading has it, and as an axis has it. */
  readonly title: string;
  readonly unit: string;
  readonly of: (setting: SettingCost) => number | undefined;
  readonly within: (setting: SettingCost) => Interval | undefined;
}
/** What settings differ in. */
interface Knob {
  readonly name: "groups" | "size";
  readonly title: string;
  readonly axis: string;
  readonly of: (setting: SettingCost) => number | undefined;
}

const KNOBS: readonly Knob[] = [
  { name: "groups", title: "groups", axis: "groups of each layer (g)", of: ({ groups }) => groups },
  { name: "size", title: "G", axis: "channels of each group (G)", of: ({ groupSize }) => groupSize },
];

/** Time and energy over the number of groups and over their size, as far as a sweep has two settings of a kind. */
export function settingCharts(id: string, { kind, settings = [] }: ReportSection): readonly Chart[] {
  return KNOBS.flatMap((knob) =>
    quantities(kind, settings).flatMap((quantity) => {
      const shown = settings.filter((one) => knob.of(one) !== undefined && quantity.of(one) !== undefined);
      return shown.length < 2
        ? []
        : [settingChart(`${id}-${quantity.name}-${knob.name}`, knob, quantity, shown)];
    }),
  );
}

function quantities(kind: CostKind, settings: readonly SettingCost[]): readonly Quantity[] {
  const scale = settingScale(kind, settings);
  const isTime = kindText(kind).unit === "ms";
  const scaled = (within: Interval | undefined): Interval | undefined =>
    within && { low: scale.of(within.low), high: scale.of(within.high) };
  return [
    {
      name: "cost",
      title: `${isTime ? "Time" : "Cost"}, ${kindText(kind).title},`,
      unit: scale.unit,
      of: ({ cost }) => scale.of(cost),
      within: ({ interval }) => scaled(interval),
    },
    {
      name: "energy",
      title: "Energy",
      unit: "mJ a frame",
      of: ({ energy }) => energy,
      within: ({ energyInterval }) => energyInterval,
    },
  ];
}

function settingScale(kind: CostKind, settings: readonly SettingCost[]): Scale {
  return scaleFor(kind, Math.max(0, ...settings.map(({ cost, interval }) => interval?.high ?? cost)));
}

function settingChart(
  id: string,
  knob: Knob,
  { title: quantity, unit, of, within }: Quantity,
  settings: readonly SettingCost[],
): Chart {
  const sorted = [...settings].sort((a, b) => (knob.of(a) ?? 0) - (knob.of(b) ?? 0));
  const title = `${quantity} against ${knob.title}`;
  const isSure = sorted.some((setting) => within(setting) !== undefined);
  const note = `${unit} of one inference over the ${knob.axis}${isSure ? "; bars are where the true ones lie" : ""}`;
  const data = sorted.map((setting) => [knob.of(setting) ?? 0, round(of(setting) ?? 0)]);
  const bars = sorted.flatMap((setting) => {
    const interval = within(setting);
    return interval === undefined ? [] : [[knob.of(setting) ?? 0, interval.low, interval.high]];
  });
  const svg = inlinePlot(
    id,
    `${title}: ${note}`,
    {
      grid: { ...GRID, top: 40, right: 24, bottom: 28 },
      xAxis: axis(knob.axis, {
        ...{ type: "log", logBase: 2, nameLocation: "middle", nameGap: 28 },
        axisLine: { show: true, lineStyle: { color: COLORS.line } },
      }),
      yAxis: axis(unit, {
        ...{ type: "value", min: 0 },
        nameTextStyle: { color: COLORS.text, align: "left", fontSize: 12 },
      }),
      series: [
        {
          ...{ ...STILL, type: "line", symbol: "circle", symbolSize: 8, data },
          lineStyle: { color: COLORS.main, width: 2 },
          itemStyle: { color: COLORS.main },
        },
        { ...STILL, type: "custom", renderItem: bar(bars), data: bars },
      ],
    },
    380,
  );
  const columns = ["setting", knob.title, unit, "low", "high"];
  const rows = sorted.map((one) => {
    const { low = "", high = "" } = within(one) ?? {};
    return [one.setting, knob.of(one) ?? "", round(of(one) ?? 0), low, high];
  });
  return { id, title, note, svg, isWide: false, figures: { columns, rows } };
}

/** What draws an interval: a line from its lower end to its upper one. */
function bar(bars: readonly (readonly number[])[]) {
  return (params: { readonly dataIndex: number }, api: { coord: (at: number[]) => number[] }): object => {
    const [at, low, high] = bars[params.dataIndex];
    const [x1, y1] = api.coord([at, low]);
    const [x2, y2] = api.coord([at, high]);
    const style = { stroke: COLORS.second, lineWidth: 3 };
    return { type: "line", shape: { x1, y1, x2, y2 }, style };
  };
}

function round(n: number): number {
  return Number(n.toPrecision(6));
}

/** Every setting of a sweep. */
export function settingTable(
  id: string,
  { kind, settings = [], title }: ReportSection,
  packs: Packs,
): TableView {
  const scale = settingScale(kind, settings);
  const about = `${scale.unit}, ${kindText(kind).title}`;
  const millijoules = (value: number): string => value.toPrecision(4);
  return tableOf<SettingCost>(
    id,
    `Settings of ${title}`,
    [
      words("setting", "G: channels of each group; g: groups", ({ setting }) => setting, "name"),
      numbers(
        "MACs",
        "millions of multiply-accumulates",
        ({ macs }) => macs,
        (n) => (n / 1e6).toFixed(1),
      ),
      numbers(scale.unit, about, ({ cost }) => cost, scale.text),
      numbers("at least", about, ({ interval }) => interval?.low, scale.text),
      numbers("at most", about, ({ interval }) => interval?.high, scale.text),
      words("verdict", "what its times are worth", ({ verdict = "" }) => verdict),
      numbers("mJ", "energy of a frame", ({ energy }) => energy, millijoules),
      numbers("mJ at least", "of a frame", ({ energyInterval }) => energyInterval?.low, millijoules),
      numbers("mJ at most", "of a frame", ({ energyInterval }) => energyInterval?.high, millijoules),
    ],
    settings,
    packs,
  );
}
