import { typedWord } from "../../support/text.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { defineCommand } from "../command.ts";
import { GROUP_SIZE, GROUPS } from "../grouped-model.ts";
import { wholeNumber } from "../numbers.ts";
import { checkOutputs } from "../outputs.ts";
import { INPUTS, loadOptionsOf } from "../reading-options.ts";
import { JSON_OUTPUT, MODEL } from "../shared-options.ts";
import { plainTable } from "../tables.ts";

export const regroup = defineCommand({
  name: "regroup",
  summary: "Give a network's convolutions other groups, for training it anew",
  positionals: [MODEL],
  options: {
    output: { alias: "o", type: "string", required: true, describe: "the ONNX file to write" },
    g: { ...GROUPS, describe: "number of groups; a layer it does not divide takes the nearest that does" },
    G: GROUP_SIZE,
    layers: {
      type: "string",
      choices: ["grouped", "spatial"],
      describe:
        "convolutions that have groups, or all larger than 1x1 (default: grouped if there are any); never those that read the input",
    },
    seed: { type: "number", describe: "seed of the new weights (default 1)" },
    ...INPUTS,
    json: JSON_OUTPUT,
  },
  examples: [["tilewright regroup model.onnx --G 8 -o model-G8.onnx", "groups of eight channels"]],
  run: async (values, { terminal }) => {
    const { loadModel } = await import("../../frontend/load-model.ts");
    const { output: file = "" } = values;
    await checkOutputs("regroup", [values.words.MODEL], [{ option: "-o", path: file }]);
    const { exportOnnx } = await import("../../frontend/onnx/export.ts");
    const { regroup: rewrite } = await import("../../analyze/regroup.ts");
    const { g, G, layers } = values;
    const model = await loadModel(values.words.MODEL ?? "", await loadOptionsOf(values));
    const { graph, changes } = rewrite(model, {
      ...(g !== undefined && { g }),
      ...(G !== undefined && { G }),
      ...((layers === "grouped" || layers === "spatial") && { layers }),
      seed: wholeNumber("seed", values.seed, 0, 1),
    });
    await writeWhole(file, exportOnnx(graph));
    const redrawn = changes.filter(({ before, groups }) => before !== groups).length;
    if (values.json) {
      terminal.out(JSON.stringify({ network: graph.name, file, redrawn, changes }, null, 2));
    } else {
      const rows = changes.map((c) => [
        c.layer,
        String(c.before),
        String(c.groups),
        String(c.group_size),
        c.exact ? "" : `${g === undefined ? `--G ${G}` : `--g ${g}`} does not divide it: nearest`,
      ]);
      terminal.out(await plainTable(["layer", "groups before", "groups", "G", ""], rows, [1, 2, 3]));
      terminal.out(`\n${graph.name} in ${file}`);
    }
    terminal.note(
      `weights of ${redrawn} of its convolutions are new and random: the network has to be trained before its results mean anything`,
    );
    terminal.note(`next: \`tilewright analyze ${typedWord(file)}\``);
  },
});
