import type { Advice } from "../analyze/advise.ts";
import type { Fit } from "../analyze/fit.ts";
import type { CostKind } from "../analyze/sweep-record.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
const millions = (n: number): string => (n / 1e6).toFixed(2);
const UNIT: Readonly<Record<CostKind, string>> = {
  measured: "ms",
  emulated: "ms (emulated)",
  unknown: "ms (unknown place)",
  instructions: "M instr.",
  modelled: "ms (modelled)",
  bound: "ms (modelled bound)",
};

/** The proposal layer by layer, what it gains, and how sure that is. */
export async function adviceText(
  advice: Advice,
  fit: Fit,
  board: string,
  source: string,
  colors: Terminal["outColors"],
): Promise<string> {
  const unit = UNIT[advice.cost_kind];
  const rows = advice.layers.map((l) => [
    l.layer,
    String(l.group_size),
    l.proposed === l.group_size ? "" : String(l.proposed),
    millions(l.macs),
    millions(l.proposed_macs),
    millions(l.cost),
    millions(l.proposed_cost),
    l.found ? "found" : "predicted",
  ]);
  const head = ["layer", "G", "better", "MMACs", "then", unit, "then", ""];
  const { gain, sure, baseline } = advice;
  const before = baseline === "as it is" ? "as it is" : `with G=${baseline} in each layer`;
  const less = `${percent(gain.value)} less a MAC (${percent(gain.low)} to ${percent(gain.high)})`;
  return [
    await plainTable(head, rows, [1, 2, 3, 4, 5, 6]),
    "",
    colors.bold(
      `${advice.network} on ${board}: ${millions(advice.macs)} million MACs ${before}, ${millions(advice.proposed_macs)} as proposed`,
    ),
    `these layers: ${millions(advice.cost)} ${unit} ${before}, ${millions(advice.proposed_cost)} as proposed: ${less}`,
    verdict(gain.value, sure),
    ...basis(advice.cost_kind, source, fit),
    "accuracy is not known here: more or fewer channels a group change it, too",
  ].join("\n");
}

function verdict(gain: number, sure: number): string {
  if (gain <= 0.005) return "nothing to gain: these sizes are as good as any at these MACs";
  const words = sure >= 0.97 ? "sure" : sure >= 0.8 ? "likely" : "not sure";
  return `${words}: the proposal costs less in ${percent(sure)} of the models that fit what was found`;
}

/** What the costs are, and how far they can be trusted. */
function basis(kind: CostKind, source: string, fit: Fit): string[] {
  if (source === "roofline") {
    return [
      "nothing was measured: costs are modelled roofline bounds, which see idle lanes and memory and nothing else",
    ];
  }
  const off = `costs from ${source}; those predicted are off by ${percent(fit.leave_one_out)} on average`;
  if (kind === "modelled")
    return [off, "the costs are modelled cycles of the board's core: nothing was measured"];
  if (kind !== "instructions") return [off];
  return [off, "instructions are counted exactly, but a board's time follows them only roughly"];
}
