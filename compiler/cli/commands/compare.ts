import type { GateRules } from "../../results/gate/gate-rules.schema.ts";
import type { Results } from "../../results/results.schema.ts";
import { typedWord } from "../../support/text.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { ACCESS_NAMES } from "../board-access.ts";
import { type Context, defineCommand } from "../command.ts";
import {
  areFolders,
  bothSides,
  type NamedSides,
  namedSides,
  SIDES,
  type SideValues,
} from "../compare-sides.ts";
import { checkOutputs } from "../outputs.ts";
import { BOARD_ACCESS, JSON_OUTPUT, TARGET, THREADS, TIMEOUT, TURNS } from "../shared-options.ts";
import { thresholdsOf } from "../thresholds.ts";
import { inTurns, type TurnValues } from "../turn-steps.ts";
import { missingArgument, unreadable } from "../usage-errors.ts";

interface CompareValues extends TurnValues, SideValues {
  readonly gate: boolean;
  readonly json: boolean;
  readonly markdown?: string | undefined;
  readonly csv?: string | undefined;
  readonly threshold?: string | undefined;
  readonly rules?: string | undefined;
}

export const compare = defineCommand({
  name: "compare",
  summary: "Compare two runs of a test suite, or two programs on a board",
  positionals: [
    {
      name: "BASE",
      describe:
        "a file of `test --results`, or a folder of `compile -o`; with --suite a commit, a file of `compile --decisions-out`, a log of `tune`, `cc=COMPILER`, or a folder of another Tilewright or other files",
      required: true,
    },
    { name: "NOW", describe: "another", required: true },
  ],
  options: {
    gate: {
      type: "boolean",
      default: false,
      describe: "fail where a result went wrong (exit code 10) or a figure grew too much (13)",
    },
    threshold: {
      type: "string",
      requiresArg: true,
      describe: "what exact figures may grow by (default instructions=0.1%,cycles=0.5%)",
    },
    rules: {
      type: "string",
      requiresArg: true,
      describe: "a file of `gate calibrate` for measured times (default: 5 % and 20 us)",
    },
    markdown: { type: "string", requiresArg: true, describe: "a file for a comment on a pull request" },
    csv: { type: "string", requiresArg: true, describe: "a file with a line for each figure" },
    ...SIDES,
    board: {
      type: "string",
      requiresArg: true,
      describe:
        "where two bundles take turns (an emulated one: whose core models their cycles), or a --suite is run",
    },
    target: TARGET,
    ...TURNS,
    threads: THREADS,
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright compare base.json now.json --gate", "in CI: exact figures need no second run"],
    ["tilewright compare base/ now/ --board host --gate", "two bundles, in turns here"],
    ["tilewright compare base/ now/ --board qemu-BOARD --gate", "two bundles, by modelled cycles"],
    ["tilewright compare HEAD~1 HEAD --suite suite.yaml", "two commits of your repository"],
  ],
  run: async (values, context) => {
    if (!values.gate && values.threshold !== undefined)
      throw unreadable("--threshold is for --gate", "compare");
    const sides = await namedSides(values.words);
    const areResults =
      values.suite !== undefined || values.history !== undefined || !(await areFolders(sides));
    await (areResults ? results(values, sides, context) : bundles(values, context));
  },
});

async function results(values: CompareValues, sides: NamedSides, context: Context): Promise<void> {
  const ofTurns = ["rounds", "warmup", "repeats"] as const;
  const ofRuns = [...ofTurns, "board", "target", "threads", "timeout", ...ACCESS_NAMES] as const;
  const given = (values.suite === undefined ? ofRuns : ofTurns).find((name) => values[name] !== undefined);
  if (given !== undefined) throw unreadable(`--${given} is for two folders of \`compile -o\``, "compare");
  await tell(values, context, () => bothSides(values, sides, context));
}

/** Compares what is found of both sides, tells it, and holds it against the gate. */
async function tell(
  values: CompareValues,
  { terminal }: Context,
  find: () => Promise<readonly [base: Results, now: Results]>,
): Promise<void> {
  const { DEFAULT_THRESHOLDS, EXACT_KINDS, judge } = await import("../../results/gate/judge.ts");
  const thresholds = thresholdsOf(values.threshold, EXACT_KINDS, DEFAULT_THRESHOLDS);
  const { BASE = "", NOW = "" } = values.words;
  await checkOutputs(
    "compare",
    [BASE, NOW, values.rules, values.suite],
    (["markdown", "csv"] as const).map((name) => ({ option: `--${name}`, path: values[name] })),
  );
  const rules = await rulesOf(values);
  const { compareResults } = await import("../../results/compare/compare-results.ts");
  const { checkComparable } = await import("../../results/compare/comparable.ts");
  const comparison = compareResults(...(await find()));
  const gate = values.gate
    ? judge(comparison, { thresholds, ...(rules !== undefined && { rules }) })
    : undefined;
  // What went wrong is told even where no figure can be compared.
  if (gate === undefined || gate.alarms.length === 0) checkComparable(comparison);
  if (values.markdown !== undefined) {
    const { comparisonMarkdown } = await import("../../results/compare/comparison-markdown.ts");
    await writeWhole(values.markdown, comparisonMarkdown(comparison, gate));
  }
  if (values.csv !== undefined) {
    const { comparisonCsv } = await import("../../results/compare/comparison-csv.ts");
    await writeWhole(values.csv, comparisonCsv(comparison));
  }
  if (values.json) {
    const { namedNumbers } = await import("../../support/named-numbers.ts");
    terminal.out(JSON.stringify({ ...comparison, ...(gate && { gate }) }, namedNumbers, 2));
  } else {
    const { comparisonText } = await import("../compare-text.ts");
    terminal.out(await comparisonText(comparison, gate, terminal.outColors));
  }
  if (gate === undefined) return;
  const { gateFailure } = await import("../../results/gate/gate-failure.ts");
  const { nextStep } = await import("../next-step.ts");
  const failure = gateFailure(gate, (alarm) => nextStep(comparison, alarm));
  if (failure !== undefined) throw failure;
}

async function bundles(values: CompareValues, context: Context): Promise<void> {
  if (values.board === undefined) throw missingArgument("--board for two folders", "compare");
  const { isEmulated } = await import("../../driver/run/modelled-board.ts");
  await (isEmulated(values.board) ? modelledBundles : bundlesInTurns)(values, context);
}

/** An emulator's times say nothing of a board: exact figures are compared. */
async function modelledBundles(values: CompareValues, context: Context): Promise<void> {
  const ofTimes = ["rounds", "warmup", "repeats", "threads", "rules"] as const;
  const given = ofTimes.find((name) => values[name] !== undefined);
  if (given !== undefined)
    throw unreadable(`--${given} is for times, and those of an emulated board say nothing`, "compare");
  const board = values.board ?? "";
  const both = [values.words.BASE ?? "", values.words.NOW ?? ""] as const;
  const { modelBundles } = await import("../../driver/sides/model-bundles.ts");
  await tell(values, context, () =>
    inTurns(both, values, context, ({ runner, target, steps, options: { timeoutSeconds } }) =>
      steps.run(`modelling both on ${board}`, (say) =>
        modelBundles(both, runner, target, { timeoutSeconds, signal: context.signal, say }),
      ),
    ),
  );
}

async function bundlesInTurns(values: CompareValues, context: Context): Promise<void> {
  const given = (["threshold", "markdown", "csv"] as const).find((name) => values[name] !== undefined);
  if (given !== undefined) throw unreadable(`--${given} is for two results files`, "compare");
  const rules = await rulesOf(values);
  const { terminal } = context;
  const both = [values.words.BASE ?? "", values.words.NOW ?? ""] as const;
  const report = await inTurns(both, values, context, async ({ runner, target, steps, options }) => {
    const { compareBundles } = await import("../../driver/turns/compare-bundles.ts");
    return steps.run(`running both in turns on ${runner.board}`, (say) => {
      let series = "";
      return compareBundles(both, runner, target, {
        ...options,
        ...(rules !== undefined && { rules }),
        onRound: (done, total) => say(`${series}${done} of ${total} rounds`),
        onConfirm: () => {
          series = "to confirm what is slower: ";
        },
      });
    });
  });
  const { turnsText } = await import("../compare-text.ts");
  terminal.out(values.json ? JSON.stringify(report, null, 2) : await turnsText(report, terminal.outColors));
  if (!values.gate) return;
  const { gateFailure } = await import("../../results/gate/gate-failure.ts");
  const failure = gateFailure(
    { alarms: report.slower },
    () =>
      `\`tilewright compare ${both.map(typedWord).join(" ")} --board ${typedWord(values.board ?? "")} --rounds ${3 * report.rounds}\` measures longer; metadata.json of both folders says which schedules differ`,
  );
  if (failure !== undefined) throw failure;
}

async function rulesOf({ rules }: CompareValues): Promise<GateRules | undefined> {
  if (rules === undefined) return undefined;
  const { readGateRules } = await import("../../results/gate/read-gate-rules.ts");
  return readGateRules(rules);
}
