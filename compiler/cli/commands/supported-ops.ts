import { defineCommand } from "../command.ts";
import { JSON_OUTPUT } from "../shared-options.ts";

export const supportedOps = defineCommand({
  name: "supported-ops",
  summary: "List the ONNX operators that are understood",
  positionals: [],
  options: { json: JSON_OUTPUT },
  examples: [],
  run: async ({ json }, { terminal }) => {
    const { listSupportedOps } = await import("../../frontend/onnx/import.ts");
    const operators = listSupportedOps();
    terminal.out(json ? JSON.stringify(operators, null, 2) : operators.join("\n"));
  },
});
