import { benchText } from "../bench-text.ts";
import { defineCommand } from "../command.ts";
import { nextCommand, onBoard } from "../network-steps.ts";
import { wholeNumber } from "../numbers.ts";
import {
  BOARD,
  CHOOSE,
  INPUT_SHAPE,
  JOBS,
  JSON_OUTPUT,
  MODEL,
  NUMERICS,
  SSH_CONFIG,
  TARGET,
  THREADS,
  TIMEOUT,
} from "../shared-options.ts";

export const bench = defineCommand({
  name: "bench",
  summary: "Time a network on a board, whole and layer by layer",
  positionals: [MODEL],
  options: {
    board: BOARD,
    target: TARGET,
    "input-shape": INPUT_SHAPE,
    warmup: { type: "number", describe: "runs before the first that counts (default 3, emulated 1)" },
    repeats: { type: "number", describe: "runs that count (default 30, emulated 3)" },
    threads: THREADS,
    timeout: TIMEOUT,
    "ssh-config": SSH_CONFIG,
    numerics: NUMERICS,
    choose: CHOOSE,
    jobs: JOBS,
    json: JSON_OUTPUT,
  },
  examples: [
    [
      "tilewright bench model.onnx --board user@host --target BOARD --threads 4",
      "time it on a board reached over ssh",
    ],
  ],
  run: async (values, context) => {
    const { terminal, signal } = context;
    const threads = wholeNumber("threads", values.threads, 1, 1);
    const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 600);
    const repetition = (emulated: boolean) => ({
      warmup: wholeNumber("warmup", values.warmup, 0, emulated ? 1 : 3),
      repeats: wholeNumber("repeats", values.repeats, 1, emulated ? 3 : 30),
    });
    repetition(false);
    const report = await onBoard(values, context, {
      prepare: async () => undefined,
      use: async (network, runner, steps) => {
        const { benchNetwork } = await import("../../driver/bench-network.ts");
        const { warmup, repeats } = repetition(runner.timing === "emulated");
        return steps.run(`timing on ${runner.board}`, (say) => {
          say(`${repeats} runs after ${warmup} of warm-up`);
          return benchNetwork(network, runner, { warmup, repeats, threads, timeoutSeconds, signal });
        });
      },
    });
    if (values.json) terminal.out(JSON.stringify(report, null, 2));
    else terminal.out(await benchText(report, terminal.outColors));
    terminal.note(nextCommand("verify", values));
  },
});
