import { typedWord } from "../../support/text.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { defineCommand } from "../command.ts";
import { wholeNumber } from "../numbers.ts";
import { JSON_OUTPUT } from "../shared-options.ts";
import { plainTable } from "../tables.ts";

export const zooList = defineCommand({
  name: "list",
  summary: "List the networks that come with Tilewright",
  positionals: [],
  options: { json: JSON_OUTPUT },
  examples: [],
  run: async ({ json }, { terminal }) => {
    const { zooNetworks } = await import("../../frontend/zoo/index.ts");
    const networks = [...zooNetworks].map(([name, { summary, defaultInput }]) => ({
      name,
      summary,
      input: defaultInput,
    }));
    if (json) {
      terminal.out(JSON.stringify(networks, null, 2));
      return;
    }
    const rows = networks.map(({ name, summary, input }) => [name, input.join("x"), summary]);
    terminal.out(await plainTable(["network", "input", ""], rows));
    terminal.note("next: `tilewright compile zoo:NETWORK --target TARGET -o build/`");
  },
});

export const zooExport = defineCommand({
  name: "export",
  summary: "Write a network of the zoo as an ONNX file",
  positionals: [{ name: "NAME", describe: "one of `tilewright zoo list`", required: true }],
  options: {
    output: { alias: "o", type: "string", required: true, describe: "the file to write" },
    g: { type: "number", describe: "number of groups of the grouped layers" },
    G: { type: "number", describe: "channels of each group instead; 1 is depthwise" },
    "input-size": { type: "number", describe: "height and width of the input" },
    seed: { type: "number", describe: "seed of the weights" },
  },
  examples: [["tilewright zoo export resnet34 --g 4 -o resnet34-g4.onnx", "ResNet34 with four groups"]],
  run: async (values, { terminal }) => {
    const { findZooNetwork } = await import("../../frontend/zoo/index.ts");
    const { exportOnnx } = await import("../../frontend/onnx/export.ts");
    const { g, G, seed, "input-size": size } = values;
    const graph = findZooNetwork(values.words.NAME ?? "").build({
      ...(g !== undefined && { g }),
      ...(G !== undefined && { G }),
      ...(size !== undefined && { inputSize: wholeNumber("input-size", size, 1, 1) }),
      ...(seed !== undefined && { seed: wholeNumber("seed", seed, 0, 0) }),
    });
    const bytes = exportOnnx(graph);
    const file = values.output ?? "";
    await writeWhole(file, bytes);
    terminal.out(
      `${graph.name}: ${graph.nodes.length} nodes, ${(bytes.length / 2 ** 20).toFixed(1)} MiB in ${file}`,
    );
    terminal.note(`next: \`tilewright compile ${typedWord(file)} --target TARGET -o build/\``);
  },
});
