import { defineCommand } from "../command.ts";
import { JSON_OUTPUT } from "../shared-options.ts";
import { typedWord } from "../terminal.ts";

const KINDS = ["cycles", "instructions", "ns"] as const;

export const historyAdd = defineCommand({
  name: "add",
  summary: "Keep results of a test run in a history",
  positionals: [{ name: "RESULTS", describe: "a results file", required: true }],
  options: {
    to: { type: "string", required: true, requiresArg: true, describe: "folder of the history" },
    label: { type: "string", requiresArg: true, describe: "what to call the run, if the file does not say" },
    date: { type: "string", requiresArg: true, describe: "when it was, if the file does not say" },
  },
  examples: [["tilewright history add results.json --to history --label v1.2", "one more run"]],
  run: async ({ words, to = "", label, date }, { terminal }) => {
    const { readResults } = await import("../../results/read-results.ts");
    const { historyLine, openHistory } = await import("../../results/history-log.ts");
    const results = await readResults(words.RESULTS ?? "");
    const given = { ...(label !== undefined && { label }), ...(date !== undefined && { date }) };
    const log = await openHistory(to);
    try {
      await log.append(historyLine({ ...given, ...results }));
      terminal.out(`run ${log.lines.length} of ${to}: ${results.cases.length} cases`);
    } finally {
      await log.close();
    }
    terminal.note(`next: \`tilewright history show ${typedWord(to)}\``);
  },
});

export const historyShow = defineCommand({
  name: "show",
  summary: "Show how figures of test runs went on, and where they changed",
  positionals: [{ name: "DIR", describe: "folder of a history", required: true }],
  options: {
    case: { type: "string", requiresArg: true, describe: "one case of the suite (default: all)" },
    layer: { type: "string", requiresArg: true, describe: "a layer instead of whole inferences" },
    kind: {
      type: "string",
      choices: KINDS,
      describe: "which figures (default: the first of these that a case has)",
    },
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright history show history", "every case"],
    ["tilewright history show history --case NAME --layer conv1 --kind cycles", "one layer of a case"],
  ],
  run: async ({ words, case: name, layer, kind, json }, { terminal }) => {
    const { readHistory } = await import("../../results/history-log.ts");
    const { trendsOf } = await import("../../results/trends.ts");
    const { historyText } = await import("../history-text.ts");
    const trends = trendsOf(await readHistory(words.DIR ?? ""), {
      ...(name !== undefined && { case: name }),
      ...(layer !== undefined && { layer }),
      ...(kind !== undefined && { kind }),
    });
    terminal.out(json ? JSON.stringify({ trends }, null, 2) : await historyText(trends, terminal.outColors));
  },
});
