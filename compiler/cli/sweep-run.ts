import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { EnergyTable } from "../analyze/energy-table.ts";
import type { SweepLine } from "../analyze/sweep-line.schema.ts";
import type { Setting, SweepRecord, SweepRow } from "../analyze/sweep-record.ts";
import type { ColumnReport } from "../analyze/sweep-report.ts";
import type { SweepPlace } from "../driver/sweep-network.ts";
import type { Graph } from "../graph/graph.ts";
import { contentKey } from "../support/stable.ts";
import { fileName } from "../support/text.ts";
import type { Context } from "./command.ts";
import type { Steps } from "./steps.ts";

/** Where a sweep of MODEL on a board is logged when no other file is named. */
export function sweepLogFile(model: string, board: string): string {
  return join(".tilewright", "sweep", `${fileName(basename(model))}-${fileName(board)}.jsonl`);
}

/** A network that can be had with any grouping. */
export interface SweepModel {
  readonly name: string;
  /** Content key of the network as it is. */
  readonly key: string;
  /** With weights of zero when only shapes matter. Throws F codes. */
  readonly build: (setting: Setting, shapesOnly: boolean) => Promise<Graph>;
}

/**
 * MODEL of a command line: networks of the zoo as published for g and G, ONNX files regrouped; `notice` is told once
 * for each setting that does not divide all layers of a file. Throws F codes.
 */
export async function readSweepModel(
  model: string,
  shapes: readonly string[],
  notice: (text: string) => void,
): Promise<SweepModel> {
  const { parseInputShapes, readModel } = await import("../frontend/load-model.ts");
  const { regroup } = await import("../analyze/regroup.ts");
  const { groupingOf, settingText } = await import("../analyze/sweep-record.ts");
  const inputShapes = parseInputShapes(shapes);
  if (!model.startsWith("zoo:")) {
    const { graph, sha256 } = await readModel(model, { inputShapes });
    const told = new Set<string>();
    const build = async (setting: Setting): Promise<Graph> => {
      const { graph: regrouped, changes } = regroup(graph, groupingOf(setting));
      const text = settingText(setting);
      const inexact = changes.filter(({ exact }) => !exact).length;
      if (inexact > 0 && !told.has(text))
        notice(
          `${text} does not divide ${inexact} of ${changes.length} layers: they take the nearest that does`,
        );
      told.add(text);
      return regrouped;
    };
    return { name: graph.name, key: sha256, build };
  }
  const { parseZooName } = await import("../frontend/zoo/index.ts");
  const { sha256 } = await readModel(model, { inputShapes, zoo: { shapesOnly: true } });
  return {
    name: parseZooName(model.slice(4)).network,
    key: sha256,
    build: async (setting, shapesOnly) =>
      (await readModel(model, { inputShapes, zoo: { ...groupingOf(setting), shapesOnly } })).graph,
  };
}

/** Names of the layers that a sweep over these settings changes; also finds out that every setting can be built. */
export async function variableLayers(
  model: SweepModel,
  settings: readonly Setting[],
): Promise<ReadonlySet<string>> {
  const { regroupable } = await import("../analyze/regroup.ts");
  const names = new Set<string>();
  for (const setting of settings) {
    for (const { name } of regroupable(await model.build(setting, true))) names.add(name);
  }
  return names;
}

/** Measures each setting that the log does not have yet, and gives all of them in order. */
export async function runSweep(
  model: SweepModel,
  settings: readonly Setting[],
  where: SweepPlace,
  logFile: string,
  steps: Steps,
  { terminal }: Context,
): Promise<SweepRecord[]> {
  const { settingText } = await import("../analyze/sweep-record.ts");
  const { openSweepLog } = await import("../analyze/sweep-log.ts");
  const { costKind, settingKey, sweepSetting } = await import("../driver/sweep-network.ts");
  const { madeWith } = await import("../driver/made-with.ts");
  const variable = await variableLayers(model, settings);
  const place = where.runner === undefined ? where : { ...where, made: await madeWith(where.target) };
  const { made } = place;
  const log = await openSweepLog(logFile);
  const folder = await mkdtemp(join(tmpdir(), "tilewright-"));
  const target = place.target.name;
  try {
    const modelled = costKind(place) === "modelled";
    const core = contentKey(place.target.core).slice(0, 16);
    const known = knownCounts(log.lines, { target, made, core: modelled ? core : undefined });
    const records: SweepRecord[] = [];
    for (const [i, setting] of settings.entries()) {
      place.request.signal.throwIfAborted();
      const key = settingKey({ model: model.key, setting }, place);
      const old = log.lines.find((line): line is SweepRecord => line.kind === "setting" && line.key === key);
      if (old !== undefined) {
        terminal.note(`${settingText(setting)}: from ${logFile}`);
        records.push(old);
        continue;
      }
      const graph = await model.build(setting, costKind(place) !== "measured");
      const counts = {
        known,
        onKernel: async (kernel: string, count: number): Promise<void> => {
          known.set(kernel, count);
          await log.append(
            modelled
              ? { kind: "cycles", target, made, core, kernel, cycles: count }
              : { kind: "kernel", target, made, kernel, instructions: count },
          );
        },
      };
      const title = `${settingText(setting)} (${i + 1} of ${settings.length})`;
      const record = await steps.run(title, (say) =>
        sweepSetting(
          { graph, model: model.key, setting, variable },
          place,
          join(folder, String(i)),
          counts,
          say,
        ),
      );
      await log.append(record);
      records.push(record);
    }
    return records;
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Instructions of kernels that a log has, or with `core` cycles: of what the same compiler and flags made for the target. */
function knownCounts(
  lines: readonly SweepLine[],
  of: { readonly target: string; readonly made: string | undefined; readonly core: string | undefined },
): Map<string, number> {
  const known = new Map<string, number>();
  for (const line of lines) {
    if (line.kind === "setting" || line.made === undefined) continue;
    if (line.made !== of.made || line.target !== of.target) continue;
    if (line.kind === "kernel" && of.core === undefined) known.set(line.kernel, line.instructions);
    if (line.kind === "cycles" && of.core === line.core) known.set(line.kernel, line.cycles);
  }
  return known;
}

/** What a sweep found: a column of costs, and one of energies where every setting has its own. */
export async function sweepColumns(records: readonly SweepRecord[]): Promise<ColumnReport[]> {
  const { imbalance } = await import("../analyze/frame-costs.ts");
  const { costUnit } = await import("../analyze/sweep-record.ts");
  const { reportColumn } = await import("../analyze/sweep-report.ts");
  const [first] = records;
  if (first === undefined) return [];
  const row = (record: SweepRecord, cost: number): SweepRow => ({
    ...record,
    imbalance: imbalance(record.layers),
    cost,
  });
  const kind = first.cost_kind;
  const time = reportColumn(
    { column: first.board, kind, unit: costUnit(kind) },
    records.map((record) => row(record, record.cost)),
  );
  const energies = records.map(({ energy }) => energy?.mJ_per_frame);
  if (energies.some((e) => e === undefined)) return [time];
  const rows = records.map((record, i) => row(record, energies[i] ?? 0));
  const times = kind === "measured" ? records.map(({ cost }) => cost) : undefined;
  return [time, reportColumn({ column: `${first.board} energy`, kind: "energy", unit: "mJ" }, rows, times)];
}

/** Settings of a table, with what the network costs there, and a report of each column. */
export async function tableColumns(
  model: SweepModel,
  table: EnergyTable,
): Promise<{ readonly rows: readonly SweepRow[]; readonly columns: readonly ColumnReport[] }> {
  const { countLayers } = await import("../analyze/count-network.ts");
  const { frameCosts } = await import("../analyze/frame-costs.ts");
  const { reportColumn } = await import("../analyze/sweep-report.ts");
  const counted = await Promise.all(
    table.rows.map(async ({ setting, energies }) => ({
      setting,
      energies,
      layers: countLayers(await model.build(setting, true)),
    })),
  );
  const columns = table.columns.map(({ name, batch }) => {
    const rows = counted.flatMap(({ setting, energies, layers }) => {
      const cost = energies.get(name);
      return cost === undefined ? [] : [{ setting, ...frameCosts(layers, batch), cost }];
    });
    return reportColumn({ column: name, kind: "energy", unit: "mJ" }, rows);
  });
  return {
    rows: counted.map(({ setting, layers }) => ({ setting, ...frameCosts(layers), cost: 0 })),
    columns,
  };
}
