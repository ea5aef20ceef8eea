import { typedWord } from "../../support/text.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { defineCommand } from "../command.ts";
import { wholeNumber } from "../numbers.ts";
import { checkOutputs } from "../outputs.ts";
import { INPUTS, loadOptionsOf } from "../reading-options.ts";
import { INPUT, JSON_OUTPUT, MODEL } from "../shared-options.ts";
import { makeSteps } from "../steps.ts";
import { badValue } from "../usage-errors.ts";

/** Random samples, where none are given, and at most. */
const [SAMPLES, MOST_SAMPLES] = [4, 10_000];

export const quantize = defineCommand({
  name: "quantize",
  summary: "Write a network with layers in 8 bits, from samples of its inputs",
  positionals: [MODEL],
  options: {
    output: { alias: "o", type: "string", required: true, describe: "the ONNX file to write" },
    input: { ...INPUT, describe: `${INPUT.describe}; one sample or several (default: random values)` },
    samples: { type: "number", describe: `random samples where no input is given (default ${SAMPLES})` },
    seed: { type: "number", describe: "seed of the random samples (default 1)" },
    "reduce-range": {
      type: "boolean",
      describe:
        "fewer steps for weights where the products of four neighbours would not fit into 16 bits: faster on a Cortex-A53",
    },
    ...INPUTS,
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright quantize model.onnx --input images.npy -o model-int8.onnx", "as images make its maps"],
  ],
  run: async (values, { terminal, signal }) => {
    const { loadModel } = await import("../../frontend/load-model.ts");
    const { inputFile } = await import("../../driver/run/network-files.ts");
    const { quantizeNetwork } = await import("../../driver/quantize/quantize-network.ts");
    const { samplesOf } = await import("../../driver/quantize/samples.ts");
    const { output: file = "", input } = values;
    if (input !== undefined && values.samples !== undefined)
      throw badValue("samples", String(values.samples), "left out where samples are given with --input");
    await checkOutputs(
      "quantize",
      [values.words.MODEL, ...(input ?? []).map(inputFile)],
      [{ option: "-o", path: file }],
    );
    const model = await loadModel(values.words.MODEL ?? "", await loadOptionsOf(values));
    const count = wholeNumber("samples", values.samples, 1, SAMPLES);
    if (count > MOST_SAMPLES) throw badValue("samples", String(count), `${MOST_SAMPLES} at most`);
    const samples = await samplesOf(model, input, { count, seed: wholeNumber("seed", values.seed, 0, 1) });
    const { onnx, ...result } = await makeSteps(terminal).run("quantizing", (report) =>
      quantizeNetwork(model, samples, report, { signal, reduceRange: values["reduce-range"] }),
    );
    await writeWhole(file, onnx);
    if (values.json) terminal.out(JSON.stringify({ network: model.name, file, ...result }, null, 2));
    else {
      const kept = result.kept.length === 0 ? "" : `, ${result.kept.length} kept in floats`;
      terminal.out(`${model.name} in ${file}: ${result.layers.length} layers in 8 bits${kept}`);
      for (const { output, largest, ofRange, agree } of result.outputs) {
        const same = agree === undefined ? "" : `; the same class for ${agree} of ${result.samples}`;
        terminal.out(
          `${output}: at most ${largest.toPrecision(2)} off, ${(100 * ofRange).toFixed(1)} % of its range${same}`,
        );
      }
    }
    if (input === undefined)
      terminal.note("warning: of random values maps are others than of images: give samples with --input");
    terminal.note(`next: \`tilewright bench ${typedWord(file)} --board BOARD\``);
  },
});
