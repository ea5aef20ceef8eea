import type { EqualMacs } from "../analyze/compare-settings.ts";
import type { Interval } from "../analyze/fit.ts";
import type { SweepRecord, SweepRow } from "../analyze/sweep-record.ts";
import { boardsOfRecords, type Setting, settingText } from "../analyze/sweep-record.ts";
import type { ColumnReport } from "../analyze/sweep-report.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

type Counted = Pick<SweepRow, "setting" | "macs" | "params" | "activations">;
const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
const change = (ratio: number): string => `${percent(Math.abs(1 - ratio))} ${ratio < 1 ? "less" : "more"}`;
const millions = (n: number): string => (n / 1e6).toFixed(2);

/** How a column's costs are printed: the unit, costs in it, and costs of a MAC. */
function units({
  unit,
  kind,
}: ColumnReport): readonly [name: string, scale: number, perMac: string, perScale: number] {
  if (unit === "mJ") return ["mJ", 1, "pJ/MAC", 1e-9];
  if (unit === "instructions") return ["M instr.", 1e6, "instr./MAC", 1];
  const name = kind === "bound" ? "modelled bound" : kind;
  return [kind === "measured" ? "ms" : `ms (${name})`, 1e6, "ps/MAC", 1e-3];
}

/** Settings as rows, columns side by side; a star marks settings that no other beats in MACs and cost. */
export async function sweepTable(
  rows: readonly Counted[],
  columns: readonly ColumnReport[],
): Promise<string> {
  const few = columns.length <= 2;
  const head = [
    ...["setting", "MMACs", "Mparams", "AI"],
    ...columns.flatMap((column) => {
      const [name, , perMac] = units(column);
      return few ? [name, ...(isNoisy(column) ? [""] : []), perMac, ""] : [`${column.column} ${name}`];
    }),
  ];
  const body = rows.map(({ setting, macs, params, activations }) => [
    settingText(setting),
    millions(macs),
    millions(params),
    (macs / (params + activations)).toFixed(2),
    ...columns.flatMap((column) => cells(column, setting, few)),
  ]);
  return plainTable(
    head,
    body,
    head.map((_, i) => i).filter((i) => i > 0),
  );
}

function cells(column: ColumnReport, setting: Setting, few: boolean): string[] {
  const found = column.costs.find((c) => same(c.setting, setting));
  const [, scale, , perScale] = units(column);
  const star = column.pareto.some((p) => same(p, setting)) ? "*" : "";
  const noisy = isNoisy(column);
  if (found === undefined) return few ? ["", "", ...(noisy ? [""] : []), ""] : [""];
  const digits = column.unit === "mJ" ? 0 : 2;
  const cost = (found.cost / scale).toFixed(digits);
  const within = found.interval === undefined ? "" : `±${percent(halfOf(found.interval) / found.cost)}`;
  return few
    ? [cost, ...(noisy ? [within] : []), (found.per_mac / perScale).toFixed(3), star]
    : [`${cost}${star}`];
}

/** Whether costs are times whose intervals are known. */
function isNoisy({ costs }: ColumnReport): boolean {
  return costs.some(({ interval }) => interval !== undefined);
}

function halfOf({ low, high }: { readonly low: number; readonly high: number }): number {
  return (high - low) / 2;
}

export function same(a: Setting, b: Setting): boolean {
  return a.g === b.g && a.G === b.G;
}

const WINS: Readonly<Record<EqualMacs["better"], string>> = {
  group_size: "constant group size wins",
  groups: "constant number of groups wins",
  neither: "that is within the noise",
};

/** Pairs at equal MACs, then what the fitted models say. */
export function columnText(column: ColumnReport, colors: Terminal["outColors"]): string[] {
  const lines = column.equal_macs.map(({ group_size, groups, macs, cost_ratio, ratio, better }) => {
    return `  ${settingText(group_size)} against ${settingText(groups)} at ${macs.map(millions).join(" and ")} million MACs: ${change(cost_ratio)}, a MAC ${change(ratio)}; ${WINS[better]}`;
  });
  const { models } = column;
  if (models !== undefined) {
    const { fitted, balance, baselines } = models;
    const terms = fitted.terms.map((term, i) => `${term} ${range(fitted.coefficients[i])}`);
    lines.push(
      `  fitted: ${terms.join(", ")}; R2 ${fitted.r2.toFixed(3)}, error ${percent(fitted.error)}, left out ${percent(fitted.leave_one_out)}`,
      `  balance: MACs * (alpha/AI)^beta with beta ${range(balance.beta)}${atBound(balance.beta.value)}; error ${percent(balance.error)}, left out ${percent(balance.leave_one_out)}`,
      `  left out, simpler models: MACs ${percent(baselines.macs)}, parameters ${percent(baselines.params)}, E2GC with beta 0.5 ${percent(baselines["e2gc_beta_0.5"])}`,
    );
  }
  return [colors.bold(column.column), ...lines];
}

/** E2GC has beta in (0, 1]. */
function atBound(beta: number): string {
  return beta >= 1 || beta <= 0.01 ? ", at its bound: the formula does not describe these costs" : "";
}

function range(interval: Interval | undefined): string {
  if (interval === undefined) return "";
  const { value, low, high } = interval;
  return `${value.toPrecision(3)} (${low.toPrecision(2)} to ${high.toPrecision(2)})`;
}

/** Settings whose times are not steady. */
function doubts(records: readonly SweepRecord[]): string[] {
  return records.flatMap(({ setting, verdict }) =>
    verdict === undefined || verdict === "steady" ? [] : [`${settingText(setting)}: its time is ${verdict}`],
  );
}

function placesText(records: readonly SweepRecord[]): string {
  const boards = boardsOfRecords(records);
  const apart = "how far equal boards lie apart is in no interval";
  return boards.length === 1 ? (boards[0] ?? "") : `${boards.join(", ")} (${apart})`;
}

/** What the numbers are: measured, instructions or modelled, and whether energy was measured. */
export function honesty(records: readonly SweepRecord[]): string[] {
  const [first] = records;
  if (first === undefined) return [];
  const energy = records.every((r) => r.energy !== undefined)
    ? `energy measured with ${first.energy?.sensors.join(", ")}`
    : "energy: not measured (no sensor can be read)";
  switch (first.cost_kind) {
    case "measured":
      return [...doubts(records), `times measured on ${placesText(records)}; ${energy}`];
    case "emulated":
      return ["emulated: these times are the emulator's; they say nothing about a board's"];
    case "unknown":
      return ["the board does not say which machine it is: these times may be an emulator's"];
    case "instructions":
      return ["instructions executed under qemu-user, deterministic; no times, and energy: not measured"];
    case "modelled":
      return [
        `modelled: cycles of ${first.target}'s core (scoreboard and caches) at its clock, one thread, deterministic; nothing was measured, energy: not measured`,
      ];
    case "bound":
      return [
        "modelled: roofline bounds from the data sheet, one core; nothing was run, energy: not measured",
      ];
  }
}
