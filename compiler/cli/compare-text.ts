import type { TurnReport } from "../driver/turns/compare-bundles.ts";
import type { TurnChange } from "../driver/turns/take-turns.ts";
import { amountText, changeText, timeText } from "../results/amounts.ts";
import { shownRows, tally } from "../results/compare/change-rows.ts";
import type { Comparison } from "../results/compare/comparison.ts";
import { remarksOf } from "../results/compare/remarks.ts";
import { KINDS } from "../results/figure-kinds.ts";
import { judgedText } from "../results/gate/gate-failure.ts";
import type { GateReport } from "../results/gate/judge.ts";
import { counted, visible } from "../support/text.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

type Colors = Terminal["outColors"];

/** What changed, in both directions, with the gate's verdict if there is a gate. */
export async function comparisonText(
  comparison: Comparison,
  gate: GateReport | undefined,
  colors: Colors,
): Promise<string> {
  const rows = shownRows(comparison).map(({ case: found, layer, change, word }) => [
    visible(found.name),
    layer === undefined ? "(whole)" : visible(layer.layer),
    KINDS[change.kind].title,
    amountText(change.kind, change.base),
    amountText(change.kind, change.now),
    changeText(change.ratio),
    coloured(word, change.direction, colors),
  ]);
  const verdicts = comparison.cases.filter(({ verdict }) => verdict.base !== verdict.now);
  const remarks = remarksOf(comparison).map(visible);
  return [
    ...(rows.length === 0
      ? []
      : [await plainTable(["case", "layer", "figure", "base", "now", "change", ""], rows, [3, 4, 5]), ""]),
    ...verdicts.map(({ name, verdict }) =>
      coloured(
        `${visible(name)}: was ${verdict.base}, is ${verdict.now}`,
        verdict.now === "right" ? "better" : "worse",
        colors,
      ),
    ),
    ...remarks,
    colors.bold(tally(comparison)),
    ...(gate === undefined ? [] : [gateText(gate, colors)]),
  ].join("\n");
}

function gateText(gate: GateReport, colors: Colors): string {
  const text = `${judgedText(gate)}${defaultRules(gate.unlearned)}`;
  if (gate.alarms.length > 0) return colors.red(text);
  const none = gate.figures === 0 ? "; no figure was of a kind that is judged: emulated times never are" : "";
  return colors.green(`${text}${none}`);
}

function defaultRules(unlearned: number): string {
  if (unlearned === 0) return "";
  return `; ${unlearned} of the times by the default rule, as none was learned for their case, board and threads`;
}

function coloured(text: string, direction: "better" | "same" | "worse", colors: Colors): string {
  if (direction === "same") return text;
  return direction === "better" ? colors.green(text) : colors.red(text);
}

/** Two programs that took turns. */
export async function turnsText(report: TurnReport, colors: Colors): Promise<string> {
  const { network, board, threads, rounds, confirmation, slower, onlyBase, onlyNow, compiled, unlearned } =
    report;
  const rows = (confirmation ?? report.changes).map((change) => [
    change.layer === undefined ? "(whole)" : visible(change.layer),
    change.sameKernel === undefined ? "" : change.sameKernel ? "same" : "other",
    timeText(change.base),
    timeText(change.base * change.ratio.median),
    changeText(change.ratio.median),
    `${changeText(change.ratio.low)} to ${changeText(change.ratio.high)}`,
    coloured(...wordOf(change), colors),
  ]);
  const head = ["layer", "kernel", "base", "now", "change", "interval", ""];
  const doubt = report.confirmation === undefined ? "" : ", after a first series that found something slower";
  return [
    await plainTable(head, rows, [2, 3, 4, 5]),
    "",
    ...(compiled.base === compiled.now
      ? []
      : [visible(`compiled by other builds: ${compiled.base}, now ${compiled.now}`)]),
    ...onlyBase.map((layer) => visible(`layer ${layer} only in BASE`)),
    ...onlyNow.map((layer) => visible(`layer ${layer} only in NOW`)),
    `${visible(network)} on ${board}, ${counted(threads, "thread")}: ${counted(2 * rounds, "pair")} of processes in turns${doubt}`,
    ...worthText(report, colors),
    slower.length === 0
      ? colors.green(`nothing is slower than its rule allows${defaultRules(unlearned)}`)
      : colors.red(`slower than allowed: ${slower.length}${defaultRules(unlearned)}`),
  ].join("\n");
}

/** What the whole's ratio is worth. */
function worthText({ certainty: { verdict, reasons }, decided }: TurnReport, colors: Colors): string[] {
  if (verdict === "steady") return ["steady: the whole's ratio is known as well as was wanted"];
  if (decided)
    return ["no more was measured than the rules ask: each interval is within its rule, or beyond it"];
  return [colors.yellow(`${verdict}: the ratios are worth less`), ...reasons.map((reason) => `  ${reason}`)];
}

/** Sure ones alone: where the interval holds 1 both may be as fast. */
function wordOf({ ratio }: TurnChange): [string, "better" | "same" | "worse"] {
  if (ratio.high < 1) return ["faster", "better"];
  return ratio.low > 1 ? ["slower", "worse"] : ["same", "same"];
}
