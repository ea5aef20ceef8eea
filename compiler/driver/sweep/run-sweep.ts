import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SweepLine } from "../../analyze/sweep-line.schema.ts";
import { openSweepLog, type SweepLog } from "../../analyze/sweep-log.ts";
import { type Setting, type SweepRecord, settingText } from "../../analyze/sweep-record.ts";
import type { UserError } from "../../support/diagnostic.ts";
import { contentKey } from "../../support/stable.ts";
import { spreading } from "../boards/spread.ts";
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
  /** A board is lost: its settings go to others. */
  readonly onLost?: (board: string, why: UserError) => void;
  /** A setting is about to be measured by `work`. */
  readonly step?: <T>(title: string, work: (say: (text: string) => void) => Promise<T>) => Promise<T>;
}

/** Boards over which settings are spread, equal ones; one place alone where nothing runs or one board does all. */
export type SweepPlaces = readonly [SweepPlace, ...SweepPlace[]];

/**
 * Measures each setting that the log does not have yet, and gives all of them in order. Every count of a kernel and every
 * setting is logged as soon as it is there: a sweep that was stopped goes on where it was. What a lost board was at goes to
 * another. Times that are not steady are measured once more in the end. Throws what building and running do.
 */
export async function runSweep(
  model: SweepModel,
  settings: readonly Setting[],
  where: SweepPlaces,
  logFile: string,
  { onKnown, onLost, step = (_, work) => work(() => {}) }: SweepProgress = {},
): Promise<SweepRecord[]> {
  const variable = await variableLayers(model, settings);
  const made = where[0].runner === undefined ? undefined : await madeWith(where[0].target);
  const places = where.map((place): SweepPlace => (made === undefined ? place : { ...place, made }));
  const [first = where[0]] = places;
  const spread = spreading(places, (place, why) => onLost?.(place.runner?.board ?? "", why));
  const log = await openSweepLog(logFile);
  const folder = await mkdtemp(join(tmpdir(), "tilewright-"));
  try {
    const counts = loggedCounts(log, first);
    const measure = async ({ setting, title }: Piece, place: SweepPlace): Promise<SweepRecord> => {
      place.request.signal.throwIfAborted();
      const graph = await model.build(setting, costKind(place) !== "measured");
      const job = { graph, model: model.key, setting, variable };
      const on = places.length > 1 ? `${title} on ${place.runner?.board}` : title;
      const own = await mkdtemp(join(folder, "setting-"));
      const record = await step(on, (say) => sweepSetting(job, place, own, counts, say));
      await log.append(record);
      return record;
    };
    const pieces = settings.map(
      (setting, i): Piece => ({ setting, title: `${settingText(setting)} (${i + 1} of ${settings.length})` }),
    );
    const old = settings.map((setting) => loggedRecord(log, { model: model.key, setting }, places));
    const isKnown = (record: SweepRecord | undefined): boolean =>
      record !== undefined && isSettled(record, first.repeats);
    for (const [i, setting] of settings.entries()) if (isKnown(old[i])) onKnown?.(setting);
    const fresh = await spread(
      pieces.filter((_, i) => !isKnown(old[i])),
      measure,
    );
    const records = withNew(old, fresh, isKnown);
    const unsure = records.filter((record) => !isKnown(record));
    const again = await spread(
      unsure.map(({ setting, verdict }) => ({
        ...{ setting, title: `${settingText(setting)} again (it was ${verdict})` },
      })),
      measure,
    );
    return withNew(records, again, isKnown);
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A setting that is to be measured. */
interface Piece {
  readonly setting: Setting;
  readonly title: string;
}

/** Records, those that were not known made surer by what was measured of each, in order. */
function withNew(
  records: readonly (SweepRecord | undefined)[],
  fresh: readonly SweepRecord[],
  isKnown: (record: SweepRecord | undefined) => boolean,
): SweepRecord[] {
  const left = [...fresh];
  return records.flatMap((old) => {
    const now = isKnown(old) ? undefined : left.shift();
    return (old !== undefined && now !== undefined ? surer(old, now) : (now ?? old)) ?? [];
  });
}

/** The surest that the log has of a setting on any of the boards. */
function loggedRecord(
  log: SweepLog,
  job: { readonly model: string; readonly setting: Setting },
  places: readonly SweepPlace[],
): SweepRecord | undefined {
  const keys = [...new Set(places.map((place) => settingKey(job, place)))];
  return surest(keys.flatMap((key) => recordsOf(log, key)));
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
