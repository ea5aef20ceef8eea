import { defineCommand } from "../command.ts";
import { inspectionText } from "../inspection-text.ts";
import { INPUT_SHAPE, INPUT_VALUE, JSON_OUTPUT, MODEL } from "../shared-options.ts";
import { typedWord } from "../terminal.ts";

export const inspect = defineCommand({
  name: "inspect",
  summary: "Show what becomes of each node of an ONNX file",
  positionals: [MODEL],
  options: { "input-shape": INPUT_SHAPE, "input-value": INPUT_VALUE, json: JSON_OUTPUT },
  examples: [
    ["tilewright inspect model.onnx", "which nodes are fused into which, and what cannot be compiled"],
  ],
  run: async (values, { terminal }) => {
    const { parseInputShapes, parseInputValues, readNodes } = await import("../../frontend/load-model.ts");
    const { inspectModel } = await import("../../analyze/inspect-model.ts");
    const model = values.words.MODEL ?? "";
    const shapes = parseInputShapes(values["input-shape"] ?? []);
    const inspection = inspectModel(
      await readNodes(model, shapes, parseInputValues(values["input-value"] ?? [])),
    );
    terminal.out(
      values.json
        ? JSON.stringify(inspection, null, 2)
        : await inspectionText(inspection, terminal.outColors),
    );
    if (inspection.compiles && !values.json) {
      terminal.note(`next: \`tilewright compile ${typedWord(model)} --target TARGET -o build/\``);
    }
  },
});
