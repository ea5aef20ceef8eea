import type { Values } from "../../driver/run/run-network.ts";
import { indexOfGreatest } from "../../support/index-of-greatest.ts";
import { defineCommand } from "../command.ts";
import { coreWish, EFFORT } from "../effort.ts";
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
import { timingNote } from "../timing-note.ts";

export const run = defineCommand({
  name: "run",
  summary: "Run a network on a board with inputs of your own",
  positionals: [MODEL],
  options: {
    board: BOARD,
    target: TARGET,
    input: { ...INPUT, required: true },
    "output-dir": { type: "string", required: true, describe: "folder for one .npy file for each output" },
    ...READING,
    threads: THREADS,
    cores: EFFORT.cores,
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
    ...DECIDING,
    jobs: JOBS,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright run model.onnx --board host --input image.npy --output-dir out/", "run it on this machine"],
  ],
  run: async (values, context) => {
    const { inputPorts } = await import("../../driver/run/held-values.ts");
    const { readInputs, writeOutputs } = await import("../../driver/run/network-files.ts");
    const { checkInputs, runNetwork } = await import("../../driver/run/run-network.ts");
    const { placeThreads } = await import("../../driver/run/place-threads.ts");
    const { terminal, signal } = context;
    const threads = wholeNumber("threads", values.threads, 1, 1);
    const timeoutSeconds = wholeNumber("timeout", values.timeout, 1, 600);
    const wish = coreWish(values.cores);
    const { result, timing, ports } = await onBoard(values, context, {
      prepare: async ({ graph }) => {
        const ports = inputPorts(graph);
        const inputs = await readInputs(values.input ?? [], ports);
        checkInputs(ports, inputs);
        return inputs;
      },
      use: async (network, runner, steps, inputs) => {
        const { cores } = await placeThreads(runner, network.target, wish, threads);
        const options = { threads, ...(cores && { cores }), timeoutSeconds, signal };
        const work = () => runNetwork(network, runner, inputs, options);
        const result = await steps.run(`running on ${runner.board}`, work);
        return { result, timing: runner.timing, ports: network.metadata.outputs };
      },
    });
    const files = await writeOutputs(values["output-dir"] ?? "", result.outputs, ports);
    if (values.json) {
      const outputs = [...result.outputs].map(([name, { shape }]) => ({
        name,
        shape,
        file: files.get(name),
      }));
      terminal.out(JSON.stringify({ timing, samples: result.samples, ns: result.ns, outputs }, null, 2));
      return;
    }
    for (const [name, output] of result.outputs)
      terminal.out(`${name} [${output.shape.join(", ")}] in ${files.get(name)}${best(output)}`);
    const each = result.samples > 1 ? `${result.samples} samples in ` : "";
    terminal.out(`${each}${(result.ns / 1e6).toFixed(3)} ms${timingNote(timing)}`);
    terminal.note(nextCommand("bench", values));
  },
});

/** The largest of one row of scores. */
function best({ shape, data }: Values): string {
  if (shape.length !== 2 || shape[0] !== 1 || data.length < 2) return "";
  const at = indexOfGreatest(data);
  return at < 0 ? "" : `; largest: ${data[at]?.toPrecision(4)} at ${at}`;
}
