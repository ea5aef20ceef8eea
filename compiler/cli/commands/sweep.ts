import { availableParallelism } from "node:os";
import { type Setting, type SweepRecord, type SweepRow, settingText } from "../../analyze/sweep-record.ts";
import type { ColumnReport } from "../../analyze/sweep-report.ts";
import type { Runner } from "../../device/runner.ts";
import type { SweepPlaces } from "../../driver/sweep/run-sweep.ts";
import type { SweepModel } from "../../driver/sweep/sweep-model.ts";
import type { SweepPlace } from "../../driver/sweep/sweep-setting.ts";
import type { Target } from "../../machine/target.schema.ts";
import { typedWord } from "../../support/text.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { type AccessValues, boardAccess } from "../board-access.ts";
import { type Context, defineCommand } from "../command.ts";
import { EFFORT, type EffortValues, placeAndWarn, readEffort, STRICT } from "../effort.ts";
import { CSV_OUTPUT } from "../grouped-model.ts";
import { numberList, wholeNumber } from "../numbers.ts";
import { checkOutputs } from "../outputs.ts";
import { INPUTS, loadOptionsOf } from "../reading-options.ts";
import {
  BOARD_ACCESS,
  BOARDS,
  JOBS,
  JSON_OUTPUT,
  MODEL,
  TARGET,
  THREADS,
  TIMEOUT,
} from "../shared-options.ts";
import { makeSteps } from "../steps.ts";
import { columnText, honesty, same, sweepTable } from "../sweep-text.ts";
import { checkSteady, type Judged } from "../unsteady.ts";
import { missingArgument, unreadable } from "../usage-errors.ts";

interface SweepValues extends AccessValues, EffortValues {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly board?: readonly string[] | undefined;
  readonly target?: string | undefined;
  readonly log?: string | undefined;
  readonly modelled?: boolean | undefined;
  readonly threads?: number | undefined;
  readonly timeout?: number | undefined;
  readonly jobs?: number | undefined;
}
interface Found {
  readonly rows: readonly Omit<SweepRow, "imbalance">[];
  readonly records: readonly SweepRecord[];
  readonly columns: readonly ColumnReport[];
  readonly source?: string;
  /** How many boards took part. */
  readonly boards: number;
}

export const sweep = defineCommand({
  name: "sweep",
  summary: "Compare group sizes and numbers of groups of a network on a board",
  positionals: [MODEL],
  options: {
    G: { type: "string", describe: "group sizes to try (E2GC), as 1,2,4,8" },
    g: { type: "string", describe: "numbers of groups to try (FgGC), as 2,4,8" },
    board: BOARDS,
    target: { ...TARGET, describe: "what to compile for; without --board: model its roofline instead" },
    modelled: {
      type: "boolean",
      describe: "on an emulated board: times modelled for its core, instead of instructions",
    },
    "from-table": {
      type: "string",
      describe: "JSON table of energies that were measured elsewhere, instead of a board",
    },
    log: {
      type: "string",
      describe: "file of what was measured, to go on from (default .tilewright/sweep/...)",
    },
    plot: { type: "string", describe: "file for a plot of cost over MACs (SVG)" },
    ...EFFORT,
    strict: STRICT,
    ...INPUTS,
    threads: THREADS,
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
    jobs: JOBS,
    csv: CSV_OUTPUT,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright sweep zoo:mobilenet-v1 --G 1,2,4,8 --g 8,16,32 --board host", "times on this machine"],
    ["tilewright sweep zoo:mobilenet-v1 --from-table energies.json", "compare energies of a table"],
  ],
  run: async (values, context) => {
    const { terminal } = context;
    const { "from-table": table } = values;
    if (values.json && values.csv) throw unreadable("--json and --csv were both given", "sweep");
    await checkOutputs("sweep", [values.words.MODEL], [{ option: "--plot", path: values.plot }]);
    const settings: Setting[] = [
      ...numberList("G", values.G).map((G) => ({ G })),
      ...numberList("g", values.g).map((g) => ({ g })),
    ];
    if (table === undefined && settings.length === 0) throw missingArgument("--G or --g", "sweep");
    if (table === undefined && values.board === undefined && values.target === undefined)
      throw missingArgument("--board, --target or --from-table", "sweep");
    const { readSweepModel } = await import("../../driver/sweep/sweep-model.ts");
    const model = await readSweepModel(values.words.MODEL ?? "", await loadOptionsOf(values), terminal.note);
    const found =
      table === undefined
        ? await fromBoard(model, settings, values, context)
        : await fromTable(model, table, settings);
    if (values.plot !== undefined) await writePlot(values.plot, model, found, context);
    if (values.json) {
      const { columns, records, rows } = found;
      const shown = records.length > 0 ? records : rows.map(({ cost: _, ...row }) => row);
      terminal.out(JSON.stringify({ network: model.name, settings: shown, columns }, null, 2));
    } else if (values.csv) {
      terminal.out(await csv(found));
    } else {
      terminal.out(await sweepTable(found.rows, found.columns));
      for (const column of found.columns) {
        terminal.out(["", ...columnText(column, terminal.outColors)].join("\n"));
      }
      const what = found.source === undefined ? honesty(found.records) : [`energies: ${found.source}`];
      terminal.out(["", "* no other setting has as many MACs at less cost", ...what].join("\n"));
    }
    if (values.strict) checkSteady(found.records.map(judgedRecord));
    if (found.boards === 1)
      terminal.note(
        `next: \`tilewright advise ${typedWord(values.words.MODEL ?? "")} --board ${values.board?.[0]}\``,
      );
  },
});

/** Counts and bounds are exact. */
function judgedRecord({ setting, board, cost_kind: kind, verdict }: SweepRecord): Judged {
  const isTime = kind === "measured" || kind === "emulated" || kind === "unknown";
  return {
    ...{ of: settingText(setting), board, timing: isTime ? kind : "measured", reasons: [] },
    verdict: isTime ? verdict : "steady",
  };
}

async function fromTable(model: SweepModel, file: string, only: readonly Setting[]): Promise<Found> {
  const { readEnergyTable } = await import("../../analyze/energy-table.ts");
  const { tableColumns } = await import("../../driver/sweep/sweep-columns.ts");
  const table = await readEnergyTable(file, model.name);
  const wanted = table.rows.filter(({ setting }) => only.length === 0 || only.some((s) => same(s, setting)));
  return {
    ...(await tableColumns(model, { ...table, rows: wanted })),
    records: [],
    source: table.source,
    boards: 0,
  };
}

async function fromBoard(
  model: SweepModel,
  settings: readonly Setting[],
  values: SweepValues,
  context: Context,
): Promise<Found> {
  const { loadTarget } = await import("../../machine/load.ts");
  const { closeBoards, findBoards, openBoards } = await import("../../driver/boards/open-boards.ts");
  const { terminal, signal } = context;
  const access = { ...boardAccess(values), notice: terminal.note, signal };
  const found = values.board && (await findBoards(values.board, values.target, access));
  const target = found?.target ?? loadTarget(values.target ?? "");
  const { modelled = false } = values;
  if (modelled) {
    if (found === undefined) throw missingArgument("--board with --modelled", "sweep");
    const { checkModelled, nsPerCycle } = await import("../../driver/run/modelled-board.ts");
    for (const board of found.names) checkModelled(board, target);
    nsPerCycle(target);
  }
  const placing = readPlacing(values, context);
  const steps = makeSteps(terminal);
  const runners = found
    ? await steps.run(`connecting to ${found.names.join(", ")}`, () => openBoards(found, access))
    : [];
  try {
    const places = await placing(target, runners);
    const { runSweep, sweepLogFile } = await import("../../driver/sweep/run-sweep.ts");
    const { sweepColumns } = await import("../../driver/sweep/sweep-columns.ts");
    const log = values.log ?? sweepLogFile(values.words.MODEL ?? "", values.board?.join("+") ?? target.name);
    const all = (say: (text: string) => void): Promise<readonly SweepRecord[]> =>
      runSweep(model, settings, places, log, {
        onKnown: (setting) => terminal.note(`${settingText(setting)}: from ${log}`),
        onLost: (board, { message }) =>
          terminal.note(`warning: \`${board}\` is lost, others go on: ${message}`),
        step: runners.length > 1 ? (title, work) => work(() => say(title)) : steps.run,
      });
    const records =
      runners.length > 1
        ? await steps.run(`${settings.length} settings on ${runners.length} boards`, all)
        : await all(() => {});
    return { rows: records, records, columns: sweepColumns(records), boards: runners.length };
  } finally {
    await closeBoards(runners);
  }
}

/** What gives a place for each board, and one without a board where nothing runs. Throws C205. */
function readPlacing(
  values: SweepValues,
  { terminal, signal }: Context,
): (target: Target, runners: readonly Runner[]) => Promise<SweepPlaces> {
  const threads = wholeNumber("threads", values.threads, 1, 1);
  const jobs = wholeNumber("jobs", values.jobs, 1, availableParallelism());
  const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 600);
  const { wish, repetition } = readEffort(values, "sweep");
  return async (target, runners) => {
    // boards build side by side, too
    const each = Math.max(1, Math.floor(jobs / Math.max(1, runners.length)));
    const placeOf = async (runner: Runner | undefined): Promise<SweepPlace> => ({
      ...{ target, threads, timeoutSeconds, modelled: values.modelled ?? false },
      ...(runner !== undefined && { runner }),
      ...repetition(runner?.timing ?? "emulated"),
      ...(await placeAndWarn(runner, target, wish, threads, terminal)),
      request: { jobs: each, dumpIr: undefined, signal },
    });
    const [first, ...others] = runners;
    return [await placeOf(first), ...(await Promise.all(others.map(placeOf)))];
  };
}

async function writePlot(
  file: string,
  model: SweepModel,
  { rows, columns }: Found,
  { terminal }: Context,
): Promise<void> {
  const { sweepPlot } = await import("../../analyze/sweep-plot.ts");
  const macs = (setting: Setting): number => rows.find((row) => same(row.setting, setting))?.macs ?? 0;
  await writeWhole(file, sweepPlot(model.name, columns, macs));
  terminal.note(`plot: ${file}`);
}

async function csv({ rows, columns }: Found): Promise<string> {
  const { csvLine } = await import("../../support/csv.ts");
  const head = [
    "G",
    "g",
    "macs",
    "params",
    "activations",
    "bytes",
    ...columns.map((c) => `${c.column} ${c.kind} ${c.unit}`),
  ];
  const lines = rows.map((row) => [
    ...[row.setting.G, row.setting.g].map((n) => String(n ?? "")),
    ...[row.macs, row.params, row.activations, row.bytes].map(String),
    ...columns.map(({ costs }) => String(costs.find((c) => same(c.setting, row.setting))?.cost ?? "")),
  ]);
  return [head, ...lines].map(csvLine).join("").trimEnd();
}
