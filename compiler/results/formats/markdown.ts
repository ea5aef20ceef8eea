import { amountText } from "../amounts.ts";
import { FIGURE_KINDS, figuresByKind, KINDS } from "../figure-kinds.ts";
import { type CaseResult, isBad, type Results } from "../results.schema.ts";
import { failureText, failureTitle } from "./failure-text.ts";
import { codeCell, codeHtml, markdownTable, preHtml } from "./markdown-text.ts";

/** GitHub refuses comments of more than 65,536 characters. */
const MOST_ROWS = 150;
const MOST_DETAILS = 10;

/** A comment for a pull request: a table of the cases, and what is known of those that are not right. */
export function markdown(results: Results): string {
  const { cases, suite } = results;
  const bad = cases.filter(({ verdict }) => isBad(verdict));
  const count = `${cases.length - bad.length} of ${cases.length} right`;
  // Those that somebody has to look at are not to be cut off.
  const shown = [...bad, ...cases.filter(({ verdict }) => !isBad(verdict))].slice(0, MOST_ROWS);
  const kinds = FIGURE_KINDS.filter((kind) =>
    shown.some(({ whole, timing }) => figuresByKind(whole, timing).has(kind)),
  );
  const rows = shown.map((found) => {
    const figures = figuresByKind(found.whole, found.timing);
    return [
      codeCell(found.name),
      codeCell(found.board),
      isBad(found.verdict) ? `**${found.verdict}**` : found.verdict,
      ...kinds.map((kind) => {
        const value = figures.get(kind);
        return value === undefined ? "" : amountText(kind, value);
      }),
    ];
  });
  const head = ["case", "board", "result", ...kinds.map((kind) => KINDS[kind].title)];
  const right = kinds.map((_, i) => i + 3);
  const rest = cases.length - shown.length;
  return [
    `### ${codeCell(suite)}: ${count}`,
    "",
    markdownTable(head, rows, right),
    ...(rest > 0 ? ["", `and ${rest} more`] : []),
    ...bad.slice(0, MOST_DETAILS).flatMap(details),
    "",
  ].join("\n");
}

function details(found: CaseResult): string[] {
  const lines = failureText(found).split("\n").slice(0, 30);
  return [
    "",
    `<details><summary>${codeHtml(found.name)}: ${codeHtml(failureTitle(found) ?? "")}</summary>`,
    "",
    preHtml(lines),
    "</details>",
  ];
}
