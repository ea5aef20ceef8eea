import type { BenchReport } from "../../driver/run/bench-network.ts";
import type { FrameEnergy } from "../../driver/run/measure-energy.ts";
import { counted } from "../../support/text.ts";
import { type Context, defineCommand } from "../command.ts";
import { EFFORT, type EffortValues, placeAndWarn, readEffort, STRICT } from "../effort.ts";
import { modelledText } from "../modelled-text.ts";
import { type BoardValues, nextCommand, onBoard } from "../network-steps.ts";
import { numberList, wholeNumber } from "../numbers.ts";
import { READING } from "../reading-options.ts";
import {
  BOARD,
  BOARD_ACCESS,
  DECIDING,
  JOBS,
  JSON_OUTPUT,
  METER,
  MODEL,
  TARGET,
  TIMEOUT,
} from "../shared-options.ts";
import { checkSteady, type Judged } from "../unsteady.ts";
import { unreadable } from "../usage-errors.ts";

interface BenchValues extends BoardValues, EffortValues {
  readonly modelled?: boolean | undefined;
  readonly threads?: string | undefined;
  readonly strict: boolean;
  readonly energy: boolean;
  readonly meter?: string | undefined;
  readonly timeout?: number | undefined;
  readonly json: boolean;
}

export const bench = defineCommand({
  name: "bench",
  summary: "Time a network on a board, whole and layer by layer",
  positionals: [MODEL],
  options: {
    board: BOARD,
    target: TARGET,
    ...READING,
    modelled: {
      type: "boolean",
      describe:
        "on an emulated board: cycles modelled for its core, or that of --target, and what each layer loses",
    },
    threads: { type: "string", describe: "threads on the board (default 1); 1,2,4 compares several" },
    ...EFFORT,
    strict: STRICT,
    meter: METER,
    energy: {
      type: "boolean",
      default: false,
      describe: "energy of an inference, where the board has a sensor",
    },
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
    ...DECIDING,
    jobs: JOBS,
    json: JSON_OUTPUT,
  },
  examples: [
    [
      "tilewright bench model.onnx --board user@host --target BOARD --threads 4",
      "time it on a board reached over ssh",
    ],
    ["tilewright bench model.onnx --board qemu-BOARD --modelled", "cycles of a model of the board's core"],
    [
      "tilewright bench model.onnx --board qemu-BOARD --target -mcpu=CORE --modelled",
      "of a core that no emulated board has",
    ],
  ],
  run: async (values, context) => {
    const { terminal } = context;
    if (values.modelled) {
      terminal.out(await modelled(values, context));
      terminal.note(nextCommand("verify", values));
      return;
    }
    const reports = await timed(values, context);
    const [first] = reports;
    if (values.json) terminal.out(JSON.stringify(reports.length === 1 ? first : reports, null, 2));
    else {
      const { benchText, threadsText } = await import("../bench-text.ts");
      terminal.out(
        await (reports.length === 1
          ? benchText(first, terminal.outColors)
          : threadsText(reports, terminal.outColors)),
      );
    }
    if (values.strict) checkSteady(reports.map(judgedReport));
    terminal.note(nextCommand("verify", values));
  },
});

function judgedReport(
  { board, timing, threads, certainty }: BenchReport,
  _: number,
  all: readonly BenchReport[],
): Judged {
  return {
    ...(all.length > 1 && { of: counted(threads, "thread") }),
    ...{ board, timing, verdict: certainty?.verdict, reasons: certainty?.reasons ?? [] },
  };
}

/** Times of a board, for each number of threads. */
async function timed(values: BenchValues, context: Context): Promise<readonly BenchReport[]> {
  const { terminal, signal } = context;
  const counts = values.threads === undefined ? [1] : numberList("threads", values.threads);
  const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 600);
  const { wish, repetition } = readEffort(values, "bench");
  if (values.strict && values.repeats !== undefined)
    throw unreadable("--strict takes no --repeats: so many runs do not say how sure they are", "bench");
  return onBoard(values, context, {
    prepare: async () => undefined,
    use: async (network, runner, steps) => {
      const { benchNetwork } = await import("../../driver/run/bench-network.ts");
      const { cores } = await placeAndWarn(runner, network.target, wish, Math.max(...counts), terminal);
      const many = repetition(runner.timing);
      const { measureEnergy } = await import("../../driver/run/measure-energy.ts");
      const energyOf = (threads: number): Promise<FrameEnergy | "not measured"> =>
        steps.run(`reading the sensors of ${runner.board}`, async () => {
          const place = { threads, cores, timeoutSeconds, signal, meter: values.meter };
          return (await measureEnergy(network, runner, place)) ?? "not measured";
        });
      const isEnergyWanted = values.energy || values.meter !== undefined;
      const reports: BenchReport[] = [];
      for (const threads of counts) {
        const on = counts.length === 1 ? runner.board : `${runner.board}, ${threads} threads`;
        const report = await steps.run(`timing on ${on}`, (say) => {
          const place = { threads, ...(cores && { cores }) };
          return benchNetwork(network, runner, { ...many, ...place, timeoutSeconds, signal, say });
        });
        reports.push(isEnergyWanted ? { ...report, energy: await energyOf(threads) } : report);
      }
      return reports;
    },
  });
}

/** Cycles of the board's core as modelled, as text or JSON. */
async function modelled(values: BenchValues, context: Context): Promise<string> {
  const { terminal, signal } = context;
  const names = [
    "threads",
    "strict",
    "energy",
    "meter",
    ...(Object.keys(EFFORT) as (keyof EffortValues)[]),
  ] as const;
  const given = names.find((name) => values[name] !== undefined && values[name] !== false);
  if (given !== undefined) {
    throw unreadable(
      `--modelled takes no --${given}: it is one inference after another, on one thread`,
      "bench",
    );
  }
  const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 3600);
  const { boardTarget } = await import("../../driver/run/board-target.ts");
  const { checkModelled } = await import("../../driver/run/modelled-board.ts");
  const { board = "" } = values;
  checkModelled(board, boardTarget(board, values.target));
  const report = await onBoard(values, context, {
    prepare: async () => undefined,
    use: async (built, { board }, steps) => {
      const { modelNetwork } = await import("../../driver/run/model-network.ts");
      const { modelReport } = await import("../../driver/run/model-report.ts");
      const { program, target, metadata } = built;
      return steps.run(`modelling the ${target.core.name} of ${board}`, async (say) => {
        say(`one inference after another, ${metadata.layers.length} layers`);
        const job = { program, steps: metadata.layers.length, target, timeoutSeconds, signal };
        return modelReport(built, await modelNetwork(job));
      });
    },
  });
  return values.json ? JSON.stringify(report, null, 2) : modelledText(report, terminal.outColors);
}
