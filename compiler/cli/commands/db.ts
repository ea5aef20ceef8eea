import type { TuneLine } from "../../driver/tune/tune-record.ts";
import { type Context, defineCommand } from "../command.ts";
import { checkOutputs } from "../outputs.ts";
import { JSON_OUTPUT } from "../shared-options.ts";
import { badValue, missingArgument } from "../usage-errors.ts";

const LOG = { name: "LOG", describe: "a log of `tune`; several are read as one", required: true, many: true };
/** Where it is left out, what comes with Tilewright is read. */
const LOG_OR_SHIPPED = {
  ...LOG,
  describe: `${LOG.describe}; left out: the records that come with Tilewright`,
  required: false,
};
const OUT = {
  type: "string",
  alias: "o",
  requiresArg: true,
  describe: "file to write, instead of standard output",
} as const;

interface Words {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly rest: readonly string[];
}

async function readLogs({ words, rest }: Words, { terminal }: Context): Promise<(readonly TuneLine[])[]> {
  const { readTuneLog } = await import("../../driver/tune/tune-record.ts");
  if (words.LOG === undefined) {
    const { shippedRecords } = await import("../../driver/tune/records/shipped-records.ts");
    return [await shippedRecords()];
  }
  const files = [words.LOG, ...rest];
  return Promise.all(files.map((file) => readTuneLog(file, terminal.note)));
}

async function write(text: string, out: string | undefined, { terminal }: Context): Promise<void> {
  if (out === undefined) return terminal.out(text);
  const { writeWhole } = await import("../../support/write-whole.ts");
  await writeWhole(out, `${text}\n`);
}

export const dbBest = defineCommand({
  name: "best",
  summary: "The records that would be taken, one for each kernel, core and C compiler",
  positionals: [LOG_OR_SHIPPED],
  options: {
    core: { type: "string", requiresArg: true, describe: "only of this core, as cortex-a72" },
    board: {
      type: "string",
      requiresArg: true,
      describe: "whose own records come before others of its core",
    },
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright db best tune.jsonl --core cortex-a72", "what was found for a core"],
    ["tilewright db best --core cortex-a72", "what comes with Tilewright for it"],
  ],
  run: async (values, context) => {
    const { bestBy, servesAlike } = await import("../../driver/tune/records/best-records.ts");
    const { bestJson, bestText } = await import("../db-text.ts");
    const lines = (await readLogs(values, context)).flat();
    const cores = [...new Set(lines.map(({ place }) => place.core))];
    const { core, board, json } = values;
    if (core !== undefined && !cores.includes(core))
      throw badValue("core", core, `a core of the logs: ${cores.join(", ")}`);
    const best = [...bestBy(lines, servesAlike, board).values()].filter(
      ({ place }) => core === undefined || place.core === core,
    );
    const { terminal } = context;
    terminal.out(json ? JSON.stringify(bestJson(best), null, 2) : await bestText(best));
  },
});

export const dbList = defineCommand({
  name: "list",
  summary: "What logs hold: by board, core and C compiler",
  positionals: [LOG_OR_SHIPPED],
  options: { json: JSON_OUTPUT },
  examples: [["tilewright db list .tilewright/tune/*.jsonl", "all that was tuned here"]],
  run: async (values, context) => {
    const { summaries } = await import("../../driver/tune/records/log-lines.ts");
    const { listText } = await import("../db-text.ts");
    const places = summaries((await readLogs(values, context)).flat());
    const { terminal } = context;
    terminal.out(values.json ? JSON.stringify({ places }, null, 2) : await listText(places));
  },
});

export const dbMerge = defineCommand({
  name: "merge",
  summary: "Make one log of several; equal lines are kept once",
  positionals: [LOG],
  options: { out: { ...OUT, describe: "log to write", required: true }, json: JSON_OUTPUT },
  examples: [["tilewright db merge a.jsonl b.jsonl -o both.jsonl", "two boards' work in one file"]],
  run: async (values, context) => {
    const { out = "", json, words, rest } = values;
    if (out === "") throw missingArgument("-o FILE", "db merge");
    await checkOutputs("db merge", [words.LOG, ...rest], [{ option: "-o", path: out }]);
    const { mergedLines } = await import("../../driver/tune/records/log-lines.ts");
    const logs = await readLogs(values, context);
    const merged = mergedLines(logs);
    await write(merged.map((line) => JSON.stringify(line)).join("\n"), out, context);
    const read = logs.flat().length;
    context.terminal.out(
      json
        ? JSON.stringify({ out, read, written: merged.length }, null, 2)
        : `${out}: ${merged.length} lines of ${read}, ${read - merged.length} were there twice`,
    );
  },
});

export const dbDiff = defineCommand({
  name: "diff",
  summary: "Records that two logs do not agree on",
  positionals: [
    { name: "BEFORE", describe: "a log of `tune`", required: true },
    { name: "NOW", describe: "another", required: true },
  ],
  options: { json: JSON_OUTPUT },
  examples: [["tilewright db diff old.jsonl new.jsonl", "what tuning again has changed"]],
  run: async ({ words, json }, { terminal }) => {
    const { readTuneLog } = await import("../../driver/tune/tune-record.ts");
    const { differences } = await import("../../driver/tune/records/log-lines.ts");
    const { diffJson, diffText } = await import("../db-text.ts");
    const found = differences(
      await readTuneLog(words.BEFORE ?? "", terminal.note),
      await readTuneLog(words.NOW ?? "", terminal.note),
    );
    terminal.out(json ? JSON.stringify(diffJson(found), null, 2) : await diffText(found));
  },
});

export const dbPrune = defineCommand({
  name: "prune",
  summary: "Leave out of a log what nothing reads any more",
  positionals: [{ name: "LOG", describe: "a log of `tune`", required: true }],
  options: {
    out: { ...OUT, describe: "log to write (default: LOG itself, beside a `tune` that goes on, too)" },
    trials: { type: "boolean", describe: "all trials, too: records still serve, tuning begins anew" },
    json: JSON_OUTPUT,
  },
  examples: [["tilewright db prune tune.jsonl --trials -o records.jsonl", "records alone, to keep or share"]],
  run: async (values, context) => {
    const { words, trials = false, json } = values;
    const log = words.LOG ?? "";
    const out = values.out ?? log;
    if (values.out !== undefined) await checkOutputs("db prune", [log], [{ option: "-o", path: out }]);
    const { prunedLines } = await import("../../driver/tune/records/log-lines.ts");
    const { keepRecords, pruneRecords } = await import("../../driver/tune/tune-record.ts");
    const keep = (all: readonly TuneLine[]): readonly TuneLine[] => prunedLines(all, trials);
    const { lines, kept, text } = await (values.out === undefined ? pruneRecords : keepRecords)(log, keep);
    if (values.out !== undefined) await write(text.trimEnd(), out, context);
    context.terminal.out(
      json
        ? JSON.stringify({ out, read: lines.length, written: kept.length }, null, 2)
        : `${out}: ${kept.length} of ${lines.length} lines`,
    );
  },
});

export const dbExport = defineCommand({
  name: "export",
  summary: "Trials in the Open Autotuning Schema (T4), which Kernel Tuner's tools read",
  positionals: [LOG],
  options: {
    workload: { type: "string", requiresArg: true, describe: "of this kernel alone, as `db best` names it" },
    out: OUT,
  },
  examples: [["tilewright db export tune.jsonl -o results-t4.json", "every trial"]],
  run: async (values, context) => {
    const { words, rest, workload, out } = values;
    await checkOutputs("db export", [words.LOG, ...rest], [{ option: "-o", path: out }]);
    const { t4Of } = await import("../../driver/tune/records/t4.ts");
    const lines = (await readLogs(values, context)).flat();
    const known = new Set(lines.flatMap((line) => (line.kind === "trial" ? [line.workload] : [])));
    if (workload !== undefined && !known.has(workload))
      throw badValue("workload", workload, `one of the logs: ${[...known].join(", ")}`);
    await write(JSON.stringify(t4Of(lines, workload), null, 2), out, context);
  },
});
