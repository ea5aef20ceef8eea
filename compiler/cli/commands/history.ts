import { join } from "node:path";
import { TREND_KINDS } from "../../results/trend-kinds.ts";
import { isFolder } from "../../support/is-folder.ts";
import { typedWord } from "../../support/text.ts";
import { defineCommand } from "../command.ts";
import { checkOutputs } from "../outputs.ts";
import { JSON_OUTPUT } from "../shared-options.ts";
import { badValue } from "../usage-errors.ts";

export const historyAdd = defineCommand({
  name: "add",
  summary: "Keep results of a test run in a history",
  positionals: [{ name: "RESULTS", describe: "a results file", required: true }],
  options: {
    to: { type: "string", required: true, requiresArg: true, describe: "folder of the history" },
    label: {
      type: "string",
      requiresArg: true,
      describe: "what to call the run (default: as the file says)",
    },
    date: {
      type: "string",
      requiresArg: true,
      describe: "when it was, in ISO 8601 (default: as the file says)",
    },
  },
  examples: [["tilewright history add results.json --to history --label v1.2", "one more run"]],
  run: async ({ words, to = "", label, date }, { terminal }) => {
    if (to === "") throw badValue("to", to, "the name of a folder");
    if (date !== undefined && !isDate(date))
      throw badValue("date", date, "a date as 2026-01-31, or with a time as 2026-01-31T12:30:00Z");
    const { RESULTS = "" } = words;
    const { HISTORY_FILE, historyLine, openHistory } = await import("../../results/history-log.ts");
    const { readResults } = await import("../../results/read-results.ts");
    // The folder is made where there is none, and then holds nothing.
    if (await isFolder(to))
      await checkOutputs("history add", [RESULTS], [{ option: "--to", path: join(to, HISTORY_FILE) }]);
    const results = await readResults(RESULTS);
    const given = { ...(label !== undefined && { label }), ...(date !== undefined && { date }) };
    const log = await openHistory(to);
    try {
      await log.append(historyLine({ ...results, ...given }));
      terminal.out(`run ${log.lines.length} of ${to}: ${results.cases.length} cases`);
    } finally {
      await log.close();
    }
    terminal.note(`next: \`tilewright history show ${typedWord(to)}\``);
  },
});

/** A day, or a moment in UTC, that there is in the calendar. */
function isDate(text: string): boolean {
  const [, day] = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?Z)?$/.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  // `2026-02-30` is read as the second of March
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

export const historyShow = defineCommand({
  name: "show",
  summary: "Show how figures of test runs went on, and where they changed",
  positionals: [{ name: "DIR", describe: "folder of a history", required: true }],
  options: {
    case: { type: "string", requiresArg: true, describe: "one case of the suite (default: all)" },
    layer: { type: "string", requiresArg: true, describe: "a layer instead of whole inferences" },
    kind: {
      type: "string",
      choices: TREND_KINDS,
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
