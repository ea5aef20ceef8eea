import { UserError } from "../support/diagnostic.ts";
import { didYouMean, someOf } from "../support/text.ts";
import { type ChangeOptions, type ChangePoint, exactChanges, noisyChanges } from "./change-points.ts";
import type { HistoryCase, HistoryFigures, HistoryLine } from "./history.schema.ts";
import { TREND_KINDS, type TrendKind } from "./trend-kinds.ts";

export interface TrendQuery {
  readonly case?: string;
  readonly layer?: string;
  /** Absent: the first that a case has. */
  readonly kind?: TrendKind;
  readonly changes?: ChangeOptions;
}

/** One figure of one case on one board, run after run. */
export interface Trend {
  readonly case: string;
  readonly layer?: string;
  readonly board: string;
  readonly core: string;
  readonly threads: number;
  readonly kind: TrendKind;
  readonly points: readonly TrendPoint[];
  readonly changes: readonly TrendChange[];
}
export interface TrendPoint {
  readonly value: number;
  /** Number of the run, from 1. */
  readonly run: number;
  readonly label?: string;
  readonly date?: string;
  /** Of a layer. */
  readonly kernel?: string;
}
export interface TrendChange extends ChangePoint {
  readonly run: number;
  readonly label?: string;
  /** Part of what was before, below 0 is less. */
  readonly change: number;
}

/** How figures of a history went on, and where they changed. Throws R174 to R176 for what it does not hold. */
export function trendsOf(lines: readonly HistoryLine[], query: TrendQuery): readonly Trend[] {
  const named = query.case;
  const cases = [...new Set(lines.flatMap((line) => line.cases.map(({ name }) => name)))];
  if (named !== undefined && !cases.includes(named)) throw unknown("R174", "case", named, cases);
  const layers = new Set<string>();
  const places = new Map<string, Map<number, HistoryCase>>();
  for (const [i, line] of lines.entries()) {
    for (const each of line.cases) {
      if (named !== undefined && each.name !== named) continue;
      for (const layer of each.layers) layers.add(layer.name);
      const { name, board, target, core, isa, threads } = each;
      const key = JSON.stringify([name, board, target, core, isa, threads]);
      const known = places.get(key) ?? new Map<number, HistoryCase>();
      places.set(key, known.set(i, each));
    }
  }
  const { layer } = query;
  if (layer !== undefined && !layers.has(layer)) throw unknown("R175", "layer", layer, [...layers]);
  const trends = [...places.values()].flatMap((runs) => trendOf(lines, runs, query));
  if (trends.length > 0) return trends;
  throw new UserError({
    code: "R176",
    exit: "badInput",
    title: `no run has figures of kind \`${query.kind ?? TREND_KINDS.join("`, `")}\``,
    why: "a test run keeps only what it was asked to look at",
    help: [`--kind is one of ${TREND_KINDS.join(", ")}`],
  });
}

function trendOf(
  lines: readonly HistoryLine[],
  runs: ReadonlyMap<number, HistoryCase>,
  { layer, kind: wanted, changes: options }: TrendQuery,
): readonly Trend[] {
  const figures = (each: HistoryCase): HistoryFigures | undefined =>
    layer === undefined ? each.whole : each.layers.find(({ name }) => name === layer)?.figures;
  const all = [...runs.values()];
  const kind = wanted ?? TREND_KINDS.find((k) => all.some((each) => figures(each)?.[k] !== undefined));
  if (kind === undefined) return [];
  const points = [...runs].flatMap(([i, each]): TrendPoint[] => {
    const value = figures(each)?.[kind];
    // what is wrong may be fast
    if (value === undefined || each.verdict !== "right") return [];
    const { label, date } = lines[i];
    const kernel = each.layers.find(({ name }) => name === layer)?.kernel;
    return [
      {
        ...{ value, run: i + 1 },
        ...(label !== undefined && { label }),
        ...(date !== undefined && { date }),
        ...(kernel !== undefined && { kernel }),
      },
    ];
  });
  if (points.length === 0) return [];
  const values = points.map(({ value }) => value);
  const found = kind === "ns" ? noisyChanges(values, options) : exactChanges(values);
  const [{ name, board, core, threads }] = all;
  return [
    {
      ...{ case: name, board, core, threads, kind, points },
      ...(layer !== undefined && { layer }),
      changes: found.map((point) => ({
        ...{ ...point, run: points[point.at].run },
        ...(points[point.at].label !== undefined && { label: points[point.at].label }),
        change: point.before === 0 ? 1 : point.after / point.before - 1,
      })),
    },
  ];
}

function unknown(code: "R174" | "R175", what: string, name: string, known: readonly string[]): UserError {
  const close = didYouMean(name, known);
  return new UserError({
    code,
    exit: "usage",
    title: `the history has no ${what} \`${name}\``,
    why: `its ${what}s are ${someOf(known)}`,
    ...(close !== undefined && { help: [`did you mean \`${close}\`?`] }),
  });
}
