import { typedWord } from "../../support/text.ts";
import { defineCommand } from "../command.ts";
import { inspectionText } from "../inspection-text.ts";
import { INPUTS, loadOptionsOf, readingWords } from "../reading-options.ts";
import { JSON_OUTPUT, MODEL } from "../shared-options.ts";

export const inspect = defineCommand({
  name: "inspect",
  summary: "Show what becomes of each node of a model",
  positionals: [MODEL],
  options: { ...INPUTS, json: JSON_OUTPUT },
  examples: [
    ["tilewright inspect model.onnx", "which nodes are fused into which, and what cannot be compiled"],
  ],
  run: async (values, { terminal }) => {
    const { readNodes } = await import("../../frontend/load-model.ts");
    const { inspectModel } = await import("../../analyze/inspect-model.ts");
    const model = values.words.MODEL ?? "";
    const inspection = inspectModel(await readNodes(model, await loadOptionsOf(values)));
    terminal.out(
      values.json
        ? JSON.stringify(inspection, null, 2)
        : await inspectionText(inspection, terminal.outColors),
    );
    if (inspection.compiles && !values.json) {
      const read = readingWords({ ...values })
        .map((word) => `${typedWord(word)} `)
        .join("");
      terminal.note(`next: \`tilewright compile ${typedWord(model)} ${read}--target TARGET -o build/\``);
    }
  },
});
