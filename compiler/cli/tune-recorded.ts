import type { Strategy } from "../driver/tune/strategy-names.ts";
import type { Budget } from "../driver/tune/tune-network.ts";
import type { Context } from "./command.ts";
import { layersOf } from "./tune-layers.ts";
import { searched, tellFound, tellProgress } from "./tune-search.ts";
import { badValue, unreadable } from "./usage-errors.ts";

/** What says on a command line that a board is a table of recorded results. */
const TABLE = "table:";

/** The file of a table that is given for a board. Throws C205 where none is named, or beside other boards. */
export function tableOf(boards: readonly string[] = []): string | undefined {
  const board = boards.find((name) => name.startsWith(TABLE));
  if (board === undefined) return undefined;
  const file = board.slice(TABLE.length);
  if (file === "" || boards.length > 1)
    throw badValue("board", boards.join(" "), "table:FILE, one table of recorded results");
  return file;
}

interface Asked {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly target?: string | undefined;
  readonly layer?: readonly string[] | undefined;
  readonly log?: string | undefined;
  readonly json?: boolean | undefined;
  readonly threads?: number | undefined;
  readonly "cool-down"?: string | undefined;
  readonly energy?: boolean | undefined;
  readonly meter?: string | undefined;
  readonly queue?: string | undefined;
  readonly "explain-space"?: boolean | undefined;
}
interface Settings {
  readonly budget: Budget;
  readonly strategy: Strategy;
  readonly seed: number;
}

/** Options that say how something runs. */
const OF_BOARDS = ["threads", "cool-down", "energy", "meter", "queue"] as const;

/** `tune --board table:FILE`: the same search over results that were recorded. */
export async function tuneRecorded(
  file: string,
  values: Asked,
  { budget, strategy, seed }: Settings,
  { terminal, signal }: Context,
): Promise<void> {
  const { words, target, layer, log: wanted, json, "explain-space": explains } = values;
  if (words.MODEL !== undefined)
    throw unreadable(
      `a table has layers of its own: \`${words.MODEL}\` and --board ${TABLE}${file} do not go together`,
      "tune",
    );
  const idle = OF_BOARDS.find((name) => values[name] !== undefined && values[name] !== false);
  if (idle !== undefined) throw unreadable(`--${idle} is for boards: of a table nothing runs`, "tune");
  const { readTuneTable } = await import("../driver/tune/tune-table.ts");
  const table = await readTuneTable(file);
  const { place, tasks } = table;
  if (target !== undefined && target !== place.target)
    throw badValue("target", target, `that of the table: ${place.target}`);
  const layers = layersOf(layer, tasks);
  if (explains) {
    const { recordedSpaceText } = await import("./tune-text.ts");
    terminal.out(await recordedSpaceText(table, layers));
    return;
  }
  const { logFile } = await import("../driver/run/log-file.ts");
  const { tuneFromTable } = await import("../driver/tune/tune-from-table.ts");
  const path = wanted ?? logFile("tune", file, "table");
  const report = await searched(`searching ${file}`, path, terminal, (log, say) =>
    tuneFromTable(table, {
      ...{ budget, strategy, seed, layers, log, signal },
      onProgress: tellProgress(say),
    }),
  );
  await tellFound({ report, place }, { log: path, json }, terminal);
}
