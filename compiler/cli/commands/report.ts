import { join } from "node:path";
import type { Runner } from "../../device/runner.ts";
import type { BuiltNetwork } from "../../driver/build-network.ts";
import type { ReportedNetwork } from "../../driver/report/network-data.ts";
import type { ReportData, TuneCurve } from "../../driver/report/report-data.ts";
import { USUAL_EFFORT, usualRepetition } from "../../driver/run/repetition.ts";
import { UserError } from "../../support/diagnostic.ts";
import { inTemporaryFolder } from "../../support/temporary-folder.ts";
import { writeWhole } from "../../support/write-whole.ts";
import type { Context } from "../command.ts";
import { defineCommand } from "../command.ts";
import { placeAndWarn } from "../effort.ts";
import { type BoardValues, buildWithSteps, decidingValues, onBoard } from "../network-steps.ts";
import { wholeNumber } from "../numbers.ts";
import { checkOutputs } from "../outputs.ts";
import { READING } from "../reading-options.ts";
import { BOARD, BOARD_ACCESS, DECIDING, JOBS, TARGET, THREADS, TIMEOUT } from "../shared-options.ts";
import { makeSteps, type Steps } from "../steps.ts";
import { unreadable } from "../usage-errors.ts";

interface ReportValues extends BoardValues {
  readonly output?: string | undefined;
  readonly log?: string | undefined;
  readonly assembly: boolean;
  readonly threads?: number | undefined;
  readonly timeout?: number | undefined;
}

export const report = defineCommand({
  name: "report",
  summary: "Write one HTML file of a network, of results of test runs or of a sweep, with charts and kernels",
  positionals: [
    {
      name: "WHAT",
      describe: "a model (.onnx, .tflite), zoo:NAME, a results file (.json), or a log of `sweep` (.jsonl)",
      required: true,
    },
    { name: "AFTER", describe: "a second results file: WHAT is before, it is after", required: false },
  ],
  options: {
    output: { alias: "o", type: "string", required: true, requiresArg: true, describe: "the file to write" },
    board: { ...BOARD, required: false },
    target: TARGET,
    log: { type: "string", requiresArg: true, describe: "a log of `tune`: how the best kernels were found" },
    assembly: { type: "boolean", default: false, describe: "add the assembly of each kernel" },
    ...READING,
    threads: THREADS,
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
    ...DECIDING,
    jobs: JOBS,
  },
  examples: [
    [
      "tilewright report zoo:mobilenet-v1 --board qemu-BOARD -o report.html",
      "where the cycles of each layer go",
    ],
    ["tilewright report before.json after.json -o report.html", "two runs of a test suite side by side"],
    ["tilewright report sweep.jsonl -o report.html", "what group sizes cost: a log of `sweep --log`"],
  ],
  run: async (values, context) => {
    const { WHAT = "", AFTER } = values.words;
    const isResults = /\.json$/i.test(WHAT);
    const isSweep = /\.jsonl$/i.test(WHAT);
    if (AFTER !== undefined && !isResults)
      throw unreadable(
        `\`${WHAT}\` is no results file (.json), and \`${AFTER}\` is compared with one`,
        "report",
      );
    const file = values.output ?? "";
    await checkOutputs("report", inputsOf(values), [{ option: "-o", path: file }]);
    const data = isResults
      ? await ofResults(values, WHAT, AFTER)
      : isSweep
        ? await ofSweep(values, WHAT)
        : await ofModel({ ...values, words: { MODEL: WHAT } }, context);
    const { reportPage } = await import("../../driver/report/report-page.ts");
    const page = reportPage(data);
    await writeWhole(file, page);
    context.terminal.note(`report: ${file}, ${(Buffer.byteLength(page) / 1e6).toFixed(2)} MB`);
  },
});

function inputsOf({ words: { WHAT, AFTER }, log, decisions, records = [] }: ReportValues) {
  return [WHAT, AFTER, log, decisions, ...records];
}

async function ofResults(values: ReportValues, file: string, later: string | undefined): Promise<ReportData> {
  onlyOfModels(values, file, "results");
  const { readResults } = await import("../../results/read-results.ts");
  const { resultsData } = await import("../../driver/report/results-data.ts");
  const first = await readResults(file);
  return later === undefined ? resultsData(first) : resultsData(await readResults(later), first);
}

async function ofSweep(values: ReportValues, file: string): Promise<ReportData> {
  onlyOfModels(values, file, "a sweep");
  const { sweepData } = await import("../../driver/report/sweep-data.ts");
  return sweepData(file);
}

/** Throws C206 for options that say what is done with a model. */
function onlyOfModels(values: ReportValues, file: string, what: string): void {
  const given = (["board", "target", "log"] as const).find((name) => values[name] !== undefined);
  if (given !== undefined) throw unreadable(`--${given} is for a model, \`${file}\` holds ${what}`, "report");
}

/** A network on a board; or only compiled, for a target. */
async function ofModel(values: ReportValues, context: Context): Promise<ReportData> {
  wholeNumber("threads", values.threads, 1, 1);
  wholeNumber("timeout", values.timeout, 1, 600);
  const tuning = await tuningOf(values, context);
  if (values.board !== undefined) {
    return onBoard(values, context, {
      prepare: async () => undefined,
      use: async (built, runner, steps) => {
        const found = await figuresOf(values, context, built, runner, steps);
        return gathered(values, steps, { built, tuning, found });
      },
    });
  }
  const { loadTarget } = await import("../../machine/load.ts");
  if (values.target === undefined) throw noPlace(values.words.MODEL ?? "");
  const target = loadTarget(values.target);
  const asked = { ...decidingValues(values), model: values.words.MODEL ?? "", target, dumpIr: undefined };
  return inTemporaryFolder("build", async (folder) => {
    const request = { ...asked, out: join(folder, "bundle") };
    const built = await buildWithSteps(request, context);
    return gathered(values, makeSteps(context.terminal), { built, tuning });
  });
}

/** Modelled cycles where the board is emulated and its core has a model, else times. */
async function figuresOf(
  values: ReportValues,
  { terminal, signal }: Context,
  built: BuiltNetwork,
  runner: Runner,
  steps: Steps,
): Promise<NonNullable<ReportedNetwork["found"]>> {
  const { hasModel } = await import("../../driver/run/modelled-board.ts");
  const { program, target, metadata } = built;
  const { board } = runner;
  if (runner.timing === "emulated" && values.threads === undefined && hasModel(target)) {
    const { modelNetwork } = await import("../../driver/run/model-network.ts");
    const { modelReport } = await import("../../driver/run/model-report.ts");
    const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 3600);
    const job = { program, steps: metadata.layers.length, target, timeoutSeconds, signal };
    return steps.run(`modelling the ${target.core.name} of ${board}`, async () => {
      return { kind: "modelled", board, report: modelReport(built, await modelNetwork(job)) };
    });
  }
  const { benchNetwork } = await import("../../driver/run/bench-network.ts");
  const threads = wholeNumber("threads", values.threads, 1, 1);
  const { warmup, repeats } = usualRepetition(runner.timing);
  const options = {
    warmup,
    // Where it does not become steady soon the page says so.
    repeats: runner.timing === "emulated" ? repeats : { ...USUAL_EFFORT, budgetSeconds: 2 },
    ...(await placeAndWarn(runner, target, undefined, threads, terminal)),
    threads,
    timeoutSeconds: wholeNumber("timeout", values.timeout, 1, 600),
    signal,
  };
  return steps.run(`timing on ${board}`, async () => {
    return { kind: "timed", report: await benchNetwork(built, runner, options) };
  });
}

async function gathered(
  { assembly }: ReportValues,
  steps: Steps,
  network: ReportedNetwork,
): Promise<ReportData> {
  const { networkData } = await import("../../driver/report/network-data.ts");
  const { assemblyTexts } = await import("../../driver/report/assembly-texts.ts");
  return steps.run("gathering kernels", async () =>
    networkData(assembly ? { ...network, moreTexts: await assemblyTexts(network.built.target) } : network),
  );
}

async function tuningOf({ log }: ReportValues, { terminal }: Context): Promise<readonly TuneCurve[]> {
  if (log === undefined) return [];
  const { readTuneLog } = await import("../../driver/tune/tune-record.ts");
  const { tuneCurves } = await import("../../driver/report/tune-curves.ts");
  return tuneCurves(await readTuneLog(log, terminal.note));
}

function noPlace(model: string): UserError {
  return new UserError({
    code: "C355",
    exit: "usage",
    title: `what \`${model}\` is to be compiled for has to be said`,
    why: "a report of a model is of what a target makes of it",
    help: [
      "add --board BOARD for what it costs there, or --target TARGET to compile it only",
      "a file of results ends in .json",
    ],
  });
}
