import { type Repetition, usualRepetition } from "../../driver/run/repetition.ts";
import { benchText } from "../bench-text.ts";
import { type Context, defineCommand } from "../command.ts";
import { modelledText } from "../modelled-text.ts";
import { type BoardValues, nextCommand, onBoard } from "../network-steps.ts";
import { wholeNumber } from "../numbers.ts";
import { READING } from "../reading-options.ts";
import {
  BOARD,
  DECIDING,
  JOBS,
  JSON_OUTPUT,
  MODEL,
  SSH_CONFIG,
  TARGET,
  THREADS,
  TIMEOUT,
} from "../shared-options.ts";
import { unreadable } from "../usage-errors.ts";

interface BenchValues extends BoardValues {
  readonly modelled?: boolean | undefined;
  readonly warmup?: number | undefined;
  readonly repeats?: number | undefined;
  readonly threads?: number | undefined;
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
      describe: "on an emulated board: cycles modelled for its core, and what each layer loses",
    },
    warmup: { type: "number", describe: "runs before the first that counts (default 3, emulated 1)" },
    repeats: { type: "number", describe: "runs that count (default 30, emulated 3)" },
    threads: THREADS,
    timeout: TIMEOUT,
    "ssh-config": SSH_CONFIG,
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
  ],
  run: async (values, context) => {
    const { terminal } = context;
    terminal.out(await (values.modelled ? modelled(values, context) : timed(values, context)));
    terminal.note(nextCommand("verify", values));
  },
});

/** Times of a board, as text or JSON. */
async function timed(values: BenchValues, context: Context): Promise<string> {
  const { terminal, signal } = context;
  const threads = wholeNumber("threads", values.threads, 1, 1);
  const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 600);
  const repetition = (usual: Repetition): Repetition => ({
    warmup: wholeNumber("warmup", values.warmup, 0, usual.warmup),
    repeats: wholeNumber("repeats", values.repeats, 1, usual.repeats),
  });
  repetition(usualRepetition("measured"));
  const report = await onBoard(values, context, {
    prepare: async () => undefined,
    use: async (network, runner, steps) => {
      const { benchNetwork } = await import("../../driver/run/bench-network.ts");
      const { warmup, repeats } = repetition(usualRepetition(runner.timing));
      return steps.run(`timing on ${runner.board}`, (say) => {
        say(`${repeats} runs after ${warmup} of warm-up`);
        return benchNetwork(network, runner, { warmup, repeats, threads, timeoutSeconds, signal });
      });
    },
  });
  return values.json ? JSON.stringify(report, null, 2) : benchText(report, terminal.outColors);
}

/** Cycles of the board's core as modelled, as text or JSON. */
async function modelled(values: BenchValues, context: Context): Promise<string> {
  const { terminal, signal } = context;
  const given = (["threads", "warmup", "repeats"] as const).find((name) => values[name] !== undefined);
  if (given !== undefined) {
    throw unreadable(
      `--modelled takes no --${given}: it is one inference after another, on one thread`,
      "bench",
    );
  }
  const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 3600);
  const { boardTarget } = await import("../../driver/run/board-target.ts");
  const { checkModelled } = await import("../../driver/run/modelled-board.ts");
  checkModelled(boardTarget(values.board ?? "", values.target));
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
