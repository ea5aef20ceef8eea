import { amountText, changeText } from "../amounts.ts";
import { KINDS } from "../figure-kinds.ts";
import { codeCell, markdownTable, preHtml } from "../formats/markdown-text.ts";
import { alarmText, judgedText } from "../gate/gate-failure.ts";
import type { GateReport } from "../gate/judge.ts";
import { type ChangeRow, shownRows, tally } from "./change-rows.ts";
import type { Comparison } from "./comparison.ts";
import { remarksOf } from "./remarks.ts";

/** GitHub refuses comments of more than 65,536 characters. */
const MOST_ROWS = 200;

/** A comment for a pull request: the gate's verdict, what changed in both directions, and what was not compared. */
export function comparisonMarkdown(comparison: Comparison, gate: GateReport | undefined): string {
  const verdicts = comparison.cases.filter(({ verdict }) => verdict.base !== verdict.now);
  const rows = shownRows(comparison);
  // What became worse is not to be cut off.
  const ordered = [
    ...rows.filter(({ change }) => change.direction === "worse"),
    ...rows.filter(({ change }) => change.direction !== "worse"),
  ].slice(0, MOST_ROWS);
  const rest = rows.length - ordered.length;
  return [
    `### ${codeCell(comparison.now.suite)}: ${codeCell(comparison.base.label ?? "BASE")} and ${codeCell(comparison.now.label ?? "NOW")}`,
    "",
    ...(gate === undefined ? [] : [gateLine(gate), ""]),
    ...(gate === undefined || gate.alarms.length === 0 ? [] : [preHtml(gate.alarms.map(alarmText)), ""]),
    ...verdicts.map(({ name, verdict }) => `- ${codeCell(name)}: was ${verdict.base}, is **${verdict.now}**`),
    ...(verdicts.length === 0 ? [] : [""]),
    markdownTable(["case", "layer", "figure", "base", "now", "change", ""], ordered.map(cells), [3, 4, 5]),
    "",
    `${tally(comparison)}${rest > 0 ? `; ${rest} more rows` : ""}`,
    "",
    ...remarks(remarksOf(comparison)),
  ].join("\n");
}

function gateLine(gate: GateReport): string {
  return judgedText(gate).replace(/^gate (\w+)/, "**Gate $1**");
}

function cells({ case: found, layer, change, word }: ChangeRow): string[] {
  const { kind, base, now, ratio, direction } = change;
  return [
    codeCell(found.name),
    layer === undefined ? "(whole)" : codeCell(layer.layer),
    KINDS[kind].title,
    amountText(kind, base),
    amountText(kind, now),
    changeText(ratio),
    direction === "worse" ? `**${word}**` : word,
  ];
}

function remarks(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, MOST_ROWS);
  const more = lines.length > shown.length ? [`and ${lines.length - shown.length} more`] : [];
  return [
    "<details><summary>what to know beside the figures</summary>",
    "",
    preHtml([...shown, ...more]),
    "</details>",
    "",
  ];
}
