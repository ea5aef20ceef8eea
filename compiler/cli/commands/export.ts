import { FORMAT_NAMES } from "../../results/format-names.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { defineCommand } from "../command.ts";
import { checkOutputs } from "../outputs.ts";
import { RESULTS_OUT } from "../shared-options.ts";

export const exportResults = defineCommand({
  name: "export",
  summary: "Write results of a test run in the format of another tool",
  positionals: [{ name: "RESULTS", describe: "a file of `test --results`", required: true }],
  options: {
    format: {
      type: "string",
      required: true,
      requiresArg: true,
      choices: FORMAT_NAMES,
      describe: "what to write",
    },
    out: RESULTS_OUT,
  },
  examples: [
    ["tilewright export results.json --format junit -o junit.xml", "for Jenkins, GitLab, GitHub's reporters"],
    ["tilewright export results.json --format google-benchmark -o b.json", "for its compare.py"],
  ],
  run: async ({ words, format, out }, { terminal }) => {
    const { RESULTS = "" } = words;
    await checkOutputs("export", [RESULTS], [{ option: "-o", path: out }]);
    const { readResults } = await import("../../results/read-results.ts");
    const { FORMATS } = await import("../../results/formats/formats.ts");
    const text = FORMATS[format](await readResults(RESULTS));
    if (out === undefined) terminal.out(text.trimEnd());
    else await writeWhole(out, text);
  },
});
