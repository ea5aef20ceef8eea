import { namedNumbers } from "../../support/named-numbers.ts";
import { defineCommand } from "../command.ts";
import { nextCommand, onBoard } from "../network-steps.ts";
import { wholeNumber } from "../numbers.ts";
import { READING } from "../reading-options.ts";
import {
  BOARD,
  BOARD_ACCESS,
  DECIDING,
  INPUT,
  JOBS,
  JSON_OUTPUT,
  MODEL,
  TARGET,
  THREADS,
  TIMEOUT,
} from "../shared-options.ts";
import { badValue } from "../usage-errors.ts";
import { verifyText, wrongResult } from "../verify-text.ts";

export const verify = defineCommand({
  name: "verify",
  summary: "Prove a network's results on a board right, layer by layer",
  positionals: [MODEL],
  options: {
    board: BOARD,
    target: TARGET,
    input: { ...INPUT, describe: `${INPUT.describe} (default: random values)` },
    seed: { type: "number", describe: "seed of the random inputs (default 1)" },
    tolerance: {
      type: "number",
      describe: "how many times its rounding bound each value may be off (default 1)",
    },
    ...READING,
    threads: THREADS,
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
    ...DECIDING,
    jobs: JOBS,
    json: JSON_OUTPUT,
  },
  examples: [["tilewright verify model.onnx --board host", "compare with the kernels run as TypeScript"]],
  run: async (values, context) => {
    const { inputPorts } = await import("../../driver/run/held-values.ts");
    const { readInputs } = await import("../../driver/run/network-files.ts");
    const { checkInputs } = await import("../../driver/run/run-network.ts");
    const { compareWithReference, randomInputs, traceNetwork } = await import(
      "../../driver/run/verify-network.ts"
    );
    const { terminal, signal } = context;
    const threads = wholeNumber("threads", values.threads, 1, 1);
    const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 600);
    const seed = wholeNumber("seed", values.seed, 0, 1);
    const { tolerance = 1 } = values;
    if (!(tolerance > 0)) throw badValue("tolerance", String(tolerance), "a number above 0");
    const report = await onBoard(values, context, {
      prepare: async ({ graph }) => {
        if (values.input === undefined) return { graph, inputs: randomInputs(graph, seed) };
        const ports = inputPorts(graph);
        const inputs = await readInputs(values.input, ports);
        const samples = checkInputs(ports, inputs);
        if (samples !== 1)
          throw badValue("input", `${samples} samples`, "one sample: each layer's result is compared");
        return { graph, inputs };
      },
      use: async (network, runner, steps, { graph, inputs }) => {
        const run = () => traceNetwork(network, runner, inputs, { threads, timeoutSeconds, signal });
        const traced = await steps.run(`running on ${runner.board}`, run);
        return steps.run("comparing with the kernels run as TypeScript", async () =>
          compareWithReference(graph, network, traced, inputs, runner.board, tolerance),
        );
      },
    });
    if (values.json) terminal.out(JSON.stringify(report, namedNumbers, 2));
    else terminal.out(await verifyText(report, terminal.outColors));
    if (!report.ok) throw wrongResult(report);
    terminal.note(nextCommand("bench", values));
  },
});
