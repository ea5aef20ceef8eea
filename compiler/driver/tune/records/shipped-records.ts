import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../../support/paths.ts";
import { readTuneLog, type TuneLine, type Winner } from "../tune-record.ts";
import { bestBy, servesAlike } from "./best-records.ts";

/** Logs like those of `tune`, one for each core. */
const FOLDER = join(PACKAGE_ROOT, "targets", "records");
/** Where code lies moves modelled cycles of a kernel by two parts in a hundred: gains near that are none. */
const LEAST_GAIN = 0.03;

/** Records that come with Tilewright, of one core or of all; none where nothing was tuned. Throws R151. */
export async function shippedRecords(core?: string): Promise<readonly TuneLine[]> {
  const files = core === undefined ? await readdir(FOLDER) : [`${core}.jsonl`];
  const there = files.map((file) => join(FOLDER, file)).filter((path) => existsSync(path));
  return (await Promise.all(there.map((path) => readTuneLog(path, () => {})))).flat();
}

/** What of tuning logs is worth shipping: the last winner of each kernel, where it is surely better than the default. */
export function worthShipping(lines: readonly TuneLine[]): readonly Winner[] {
  return [...bestBy(lines, servesAlike).values()].filter(
    ({ place, ratio }) => place.kind === "modelled" && ratio.median <= 1 - LEAST_GAIN,
  );
}
