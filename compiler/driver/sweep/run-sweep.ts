import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SweepLine } from "../../analyze/sweep-line.schema.ts";
import { openSweepLog, type SweepLog } from "../../analyze/sweep-log.ts";
import { type Setting, type SweepRecord, settingText } from "../../analyze/sweep-record.ts";
import { contentKey } from "../../support/stable.ts";
import { logFile } from "../run/log-file.ts";
import { madeWith } from "../run/made-with.ts";
import { isSettled, surer, surest } from "./surest-record.ts";
import { type SweepModel, variableLayers } from "./sweep-model.ts";
import { costKind, type KernelCounts, type SweepPlace, settingKey, sweepSetting } from "./sweep-setting.ts";

/** Where a sweep of MODEL on a board is logged when no other file is named. */
export function sweepLogFile(model: string, board: string): string {
  return logFile("sweep", model, board);
}

/** Told how far a sweep is. */
export interface SweepProgress {
  /** A setting was measured before: its record is the log's. */
  readonly onKnown?: (setting: Setting) => void;
  /** A setting is about to be measured by `work`. */
  readonly step?: <T>(title: string, work: (say: (text: string) => void) => Promise<T>) => Promise<T>;
}

/**
 * Measures each setting that the log does not have yet, and gives all of them in order. Every count of a kernel and every
 * setting is logged as soon as it is there: a sweep that was stopped goes on where it was. Times that are not steady are
 * measured once more in the end. Throws what building and running do.
 */
export async function runSweep(
  model: SweepModel,
  settings: readonly Setting[],
  where: SweepPlace,
  logFile: string,
  { onKnown, step = (_, work) => work(() => {}) }: SweepProgress = {},
): Promise<SweepRecord[]> {
  const variable = await variableLayers(model, settings);
  const place = where.runner === undefined ? where : { ...where, made: await madeWith(where.target) };
  const log = await openSweepLog(logFile);
  const folder = await mkdtemp(join(tmpdir(), "tilewright-"));
  try {
    const counts = loggedCounts(log, place);
    const measure = async (setting: Setting, name: string, title: string): Promise<SweepRecord> => {
      place.request.signal.throwIfAborted();
      const graph = await model.build(setting, costKind(place) !== "measured");
      const job = { graph, model: model.key, setting, variable };
      const record = await step(title, (say) => sweepSetting(job, place, join(folder, name), counts, say));
      await log.append(record);
      return record;
    };
    const records: SweepRecord[] = [];
    for (const [i, setting] of settings.entries()) {
      const old = surest(recordsOf(log, settingKey({ model: model.key, setting }, place)));
      if (old !== undefined && isSettled(old, place.repeats)) {
        onKnown?.(setting);
        records.push(old);
        continue;
      }
      const title = `${settingText(setting)} (${i + 1} of ${settings.length})`;
      const now = await measure(setting, String(i), title);
      records.push(old === undefined ? now : surer(old, now));
    }
    for (const [i, record] of records.entries()) {
      if (isSettled(record, place.repeats)) continue;
      const title = `${settingText(record.setting)} again (it was ${record.verdict})`;
      records[i] = surer(record, await measure(record.setting, `${i} again`, title));
    }
    return records;
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function recordsOf({ lines }: SweepLog, key: string): SweepRecord[] {
  return lines.filter((line): line is SweepRecord => line.kind === "setting" && line.key === key);
}

/** Counts of kernels that the log has, and its place for new ones. */
function loggedCounts(log: SweepLog, place: SweepPlace): KernelCounts {
  const { made } = place;
  const target = place.target.name;
  const modelled = costKind(place) === "modelled";
  const core = contentKey(place.target.core).slice(0, 16);
  const known = knownCounts(log.lines, { target, made, core: modelled ? core : undefined });
  return {
    known,
    onKernel: async (kernel, count) => {
      known.set(kernel, count);
      await log.append(
        modelled
          ? { kind: "cycles", target, made, core, kernel, cycles: count }
          : { kind: "kernel", target, made, kernel, instructions: count },
      );
    },
  };
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
