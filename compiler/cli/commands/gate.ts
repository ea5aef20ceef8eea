import type { GateRules } from "../../results/gate/gate-rules.schema.ts";
import { typedWord } from "../../support/text.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { type Context, defineCommand } from "../command.ts";
import { wholeNumber } from "../numbers.ts";
import { checkOutputs } from "../outputs.ts";
import { BOARD_ACCESS, RESULTS_OUT, TARGET, THREADS, TIMEOUT, TURNS } from "../shared-options.ts";
import { inTurns, type TurnValues } from "../turn-steps.ts";
import { unreadable } from "../usage-errors.ts";

interface CalibrateValues extends TurnValues {
  readonly series?: number | undefined;
}

/** With fewer the largest difference there is has likely not been seen. */
const ENOUGH_RUNS = 6;

export const gateCalibrate = defineCommand({
  name: "calibrate",
  summary: "Learn how much measured times of one build differ from run to run on a board",
  positionals: [
    {
      name: "BASE",
      describe: "files of `test --results` of one build, or a folder of `compile -o` (with --board)",
      required: true,
      many: true,
    },
  ],
  options: {
    out: { ...RESULTS_OUT, required: true, describe: "the file of rules, for `compare --rules`" },
    board: {
      type: "string",
      requiresArg: true,
      describe: "of a folder: where its program takes turns with itself",
    },
    target: TARGET,
    series: { type: "number", describe: "of a folder: how often it is compared with itself (default 6)" },
    ...TURNS,
    threads: THREADS,
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
  },
  examples: [
    ["tilewright gate calibrate 1.json 2.json 3.json 4.json 5.json 6.json -o rules.json", "from results"],
    ["tilewright gate calibrate FOLDER --board host -o rules.json", "of a bundle, measured now"],
  ],
  run: async (values, context) => {
    const names = [values.words.BASE ?? "", ...values.rest];
    const { terminal } = context;
    await checkOutputs("gate calibrate", names, [{ option: "-o", path: values.out ?? "" }]);
    const rules = await (values.board === undefined ? ofFiles(names) : ofBundle(names, values, context));
    const { compactJson } = await import("../../support/compact-json.ts");
    await writeWhole(values.out ?? "", `${compactJson(rules)}\n`);
    terminal.out(await rulesText(rules));
    if (values.board === undefined && names.length < ENOUGH_RUNS) {
      terminal.note(
        `note: ${names.length} runs seldom show how much times vary: rules of ${ENOUGH_RUNS} or more raise fewer false alarms`,
      );
    }
    const two =
      values.board === undefined ? "BASE NOW" : `FOLDER_BASE FOLDER_NOW --board ${typedWord(values.board)}`;
    terminal.note(`next: \`tilewright compare ${two} --gate --rules ${typedWord(values.out ?? "")}\``);
  },
});

async function ofFiles(files: readonly string[]): Promise<GateRules> {
  const { readResults } = await import("../../results/read-results.ts");
  const { calibrate } = await import("../../results/gate/calibrate.ts");
  return calibrate(
    await Promise.all(files.map(async (file) => ({ file, results: await readResults(file) }))),
  );
}

async function ofBundle(
  [folder, ...rest]: readonly string[],
  values: CalibrateValues,
  context: Context,
): Promise<GateRules> {
  if (rest.length > 0) throw unreadable("--board is for one folder", "gate calibrate");
  const series = wholeNumber("series", values.series, 2, 6);
  return inTurns([folder], values, context, async ({ runner, target, steps, options }) => {
    const { calibrateBundle } = await import("../../driver/turns/calibrate-bundle.ts");
    return steps.run(`running ${folder} in turns with itself on ${runner.board}`, (say) => {
      const onRound = (done: number, total: number): void => say(`${done} of ${total} rounds`);
      return calibrateBundle(folder, runner, target, { ...options, series, onRound });
    });
  });
}

async function rulesText({ rules }: GateRules): Promise<string> {
  const { plainTable } = await import("../tables.ts");
  const { timeText } = await import("../../results/amounts.ts");
  const { visible } = await import("../../support/text.ts");
  const rows = rules.map((rule) => [
    visible(rule.case),
    visible(rule.board),
    rule.op === undefined ? "(whole)" : visible(rule.op),
    `${rule.percent} %`,
    timeText(rule.nanoseconds),
  ]);
  return plainTable(["case", "board", "of", "more than", "and than"], rows, [3, 4]);
}
