import type { GoldenKeeper } from "../../driver/test/golden/keep-golden.ts";
import type { SuiteOptions } from "../../driver/test/run-suite.ts";
import { INPUT_KINDS, MEASURES } from "../../driver/test/suite-words.ts";
import type { TestCase } from "../../driver/test/test-cases.ts";
import { NUMERICS as LEVELS } from "../../ops/numerics.ts";
import { FORMAT_NAMES, type FormatName } from "../../results/format-names.ts";
import type { CaseResult, Results } from "../../results/results.schema.ts";
import { typedWord, visible } from "../../support/text.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { type AccessValues, boardAccess } from "../board-access.ts";
import { type Context, defineCommand } from "../command.ts";
import { finishGolden, noteUnused } from "../golden-run.ts";
import { wholeNumber } from "../numbers.ts";
import { checkOutputs, type Output } from "../outputs.ts";
import {
  BOARD,
  BOARD_ACCESS,
  DECISIONS,
  INPUT,
  JSON_OUTPUT,
  NUMERICS,
  RECORDS,
  TARGET,
  TIMEOUT,
} from "../shared-options.ts";
import { makeSteps } from "../steps.ts";
import { type SuiteValues, suiteAsked, TESTED_READING } from "../test-suite.ts";
import { caseLine, failureText, suiteFailure, summaryText } from "../test-text.ts";
import { badValue } from "../usage-errors.ts";

export const test = defineCommand({
  name: "test",
  summary: "Test networks, layers and kernels on boards against references",
  positionals: [
    {
      name: "SUITE",
      describe: "a suite (.yaml, .json), a model (.onnx, .tflite), or zoo:NAME",
      required: false,
    },
  ],
  options: {
    board: { ...BOARD, type: "string", array: true, required: false },
    target: TARGET,
    inputs: {
      type: "string",
      array: true,
      requiresArg: true,
      choices: INPUT_KINDS,
      describe: "what a model is given (default random, ones and ramp)",
    },
    input: INPUT,
    seed: { type: "number", describe: "of random inputs and weights (default 1)" },
    threads: {
      type: "string",
      requiresArg: true,
      describe: "numbers of threads, which all have to give the same bits (default 1,4)",
    },
    reference: {
      type: "string",
      array: true,
      requiresArg: true,
      describe:
        "kernels (run as TypeScript), onnxruntime, a file of outputs, a folder of --write-golden, a bundle, or a checkout of another Tilewright (default kernels)",
    },
    tolerance: {
      type: "number",
      describe: "how many times its rounding bound each value may be off (default 1)",
    },
    measure: {
      type: "string",
      array: true,
      requiresArg: true,
      choices: MEASURES,
      describe: "figures to keep beside sizes: cycles and instructions (modelled), time",
    },
    case: {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "only the cases whose names hold this",
    },
    list: { type: "boolean", describe: "list the cases, and run none" },
    "write-golden": {
      type: "string",
      requiresArg: true,
      describe: "folder for the outputs of cases that are right, to be a --reference later",
    },
    results: { type: "string", requiresArg: true, describe: "file for what was found, to compare later" },
    reproducers: {
      type: "string",
      requiresArg: true,
      default: ".tilewright/failures",
      describe: "folder for C files that show what is wrong",
    },
    shrink: { type: "boolean", describe: "look for the smallest layer that fails as well" },
    label: {
      type: "string",
      requiresArg: true,
      describe: "what to call this run in it, a commit for instance",
    },
    format: {
      type: "string",
      array: true,
      requiresArg: true,
      describe: `other files of what was found, as NAME=FILE: ${FORMAT_NAMES.join(", ")}`,
    },
    schema: { type: "boolean", describe: "print what a suite may hold, as JSON schema" },
    ...TESTED_READING,
    ...BOARD_ACCESS,
    timeout: TIMEOUT,
    // without a default: that would take the place of what a suite says
    numerics: { type: "string", choices: LEVELS, describe: NUMERICS.describe },
    decisions: DECISIONS,
    records: RECORDS,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright test model.onnx --board qemu-BOARD --board host", "every layer of a model, on two boards"],
    ["tilewright test suite.yaml --results now.json", "a suite, with a file to compare later"],
    ["tilewright test suite.yaml --write-golden golden", "outputs to compare with: --reference golden"],
  ],
  run: async (values, context) => {
    const { terminal } = context;
    if (values.schema) {
      const { suiteJsonSchema } = await import("../../driver/test/suite-json-schema.ts");
      terminal.out(JSON.stringify(suiteJsonSchema(), null, 2));
      return;
    }
    const formats = (values.format ?? []).map(formatOf);
    const { testCases } = await import("../../driver/test/test-cases.ts");
    const read = await suiteAsked(values);
    const all = await testCases(read);
    const wanted = values.case ?? [];
    const odd = wanted.find((part) => !all.some(({ name }) => name.includes(part)));
    if (odd !== undefined)
      throw badValue("case", odd, `a part of a case's name; \`--list\` lists ${all.length}`);
    const cases =
      wanted.length === 0 ? all : all.filter(({ name }) => wanted.some((part) => name.includes(part)));
    if (values.list) {
      if (values.json) terminal.out(JSON.stringify(cases.map(({ name }) => name)));
      else for (const { name } of cases) terminal.out(visible(name));
      return;
    }
    await checkOutputs("test", inputFiles(values), outputFiles(values.results, formats));
    const results = await runCases(read.name, cases, { ...values, formats, all: all.length }, context);
    if (values.json) terminal.out(JSON.stringify(results, null, 2));
    else terminal.out(summaryText(results, terminal.outColors));
    if (wanted.length === 0) await noteUnused(cases, terminal);
    const failure = suiteFailure(results);
    if (failure !== undefined) throw failure;
    if (values.results !== undefined)
      terminal.note(`next: \`tilewright compare ${typedWord(values.results)} LATER\``);
  },
});

/** Files that the command line names to be read. */
function inputFiles({ words, input, decisions, records }: SuiteValues): (string | undefined)[] {
  const files = (input ?? []).map((text) => text.replace(/^[^=/]+=/, "").replace(/(\.npz):[^:]+$/, "$1"));
  return [words.SUITE, ...files, decisions, ...(records ?? [])];
}

function outputFiles(results: string | undefined, formats: readonly FormatWish[]): Output[] {
  return [
    { option: "--results", path: results },
    ...formats.map(({ format, file }) => ({ option: `--format ${format}=`, path: file })),
  ];
}

interface FormatWish {
  readonly format: FormatName;
  readonly file: string;
}

/** `junit=FILE`. Throws C205. */
function formatOf(text: string): FormatWish {
  const [, name, file = ""] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  const format = FORMAT_NAMES.find((known) => known === name);
  if (format === undefined)
    throw badValue("format", text, `NAME=FILE, with a NAME of ${FORMAT_NAMES.join(", ")}`);
  return { format, file };
}

/** Every file that is asked for, whatever becomes of the others. Throws the first error. */
async function writeAll(
  results: Results,
  file: string | undefined,
  wishes: readonly FormatWish[],
): Promise<void> {
  const { FORMATS } = await import("../../results/formats/formats.ts");
  const written = await Promise.allSettled([
    ...(file === undefined ? [] : [writeWhole(file, `${JSON.stringify(results, null, 1)}\n`)]),
    ...wishes.map(({ format, file: to }) => writeWhole(to, FORMATS[format](results))),
  ]);
  for (const one of written) if (one.status === "rejected") throw one.reason;
}

interface RunValues extends AccessValues {
  readonly label?: string | undefined;
  readonly timeout?: number | undefined;
  readonly results?: string | undefined;
  readonly formats: readonly FormatWish[];
  readonly "write-golden"?: string | undefined;
  /** Cases that the suite has. */
  readonly all: number;
  readonly reproducers: string;
  readonly shrink?: boolean | undefined;
  readonly json: boolean;
}

/** Runs the cases before the user's eyes, each in a line as soon as it is over, and keeps what was found: of an interrupted run, too. */
async function runCases(
  suite: string,
  cases: readonly TestCase[],
  values: RunValues,
  { terminal, signal }: Context,
): Promise<Results> {
  const {
    label,
    timeout,
    json,
    results: file,
    formats,
    reproducers,
    shrink,
    "write-golden": folder,
  } = values;
  const { runSuite, suiteResults } = await import("../../driver/test/run-suite.ts");
  const done: CaseResult[] = [];
  const named = { suite, ...(label !== undefined && { label }) };
  const show = json ? terminal.note : terminal.out;
  const colors = json ? terminal.noteColors : terminal.outColors;
  const steps = makeSteps(terminal);
  const keeper = folder === undefined ? undefined : await openKeeper(folder);
  const options: SuiteOptions = {
    ...named,
    access: boardAccess(values),
    reproducers,
    shrink: shrink === true,
    ...(keeper && { golden: keeper }),
    timeoutSeconds: wholeNumber("timeout", timeout, 1, 600),
    signal,
    note: terminal.note,
    // elsewhere the line of each result is enough
    ...(terminal.interactive && { around: (title, work) => steps.run(title, work) }),
    onCase: (result) => {
      done.push(result);
      show(caseLine(result, colors));
      const failed = failureText(result);
      if (failed !== "") show(failed);
    },
  };
  try {
    return await runSuite(cases, options);
  } finally {
    if (done.length > 0) await writeAll(suiteResults(done, named), file, formats);
    if (keeper !== undefined && folder !== undefined && done.length > 0)
      await finishGolden({ folder, keeper, keepOthers: done.length < values.all }, cases, done, terminal);
    if (done.length < cases.length) terminal.note(`${done.length} of ${cases.length} cases were run`);
  }
}

async function openKeeper(folder: string): Promise<GoldenKeeper> {
  const { keepGolden } = await import("../../driver/test/golden/keep-golden.ts");
  return keepGolden(folder);
}
