import type { InspectedNode, Inspection } from "../analyze/inspect-model.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** Nodes as a table, in words where they cannot be compiled, then the totals. */
export async function inspectionText(inspection: Inspection, colors: Terminal["outColors"]): Promise<string> {
  const { model, nodes, total, compiles, why } = inspection;
  const row = (node: InspectedNode): string[] => [
    node.name,
    node.operator,
    node.outputs.map(resultText).join(" "),
    node.macs === 0 ? "" : (node.macs / 1e6).toFixed(2),
    node.params === 0 ? "" : (node.params / 1e3).toFixed(1),
    fate(node),
  ];
  const table = await plainTable(
    ["node", "operator", "output", "MMACs", "Kparams", "becomes"],
    nodes.map(row),
    [3, 4],
  );
  const refused = nodes.filter(({ outcome }) => outcome === "refused").length;
  const behind = nodes.filter(({ outcome }) => outcome === "behind").length;
  const hidden =
    behind === 0 ? "" : `, ${behind} behind ${refused === 1 ? "it" : "them"} could not be looked at`;
  const blame = why ?? `${refused === 1 ? "1 node is" : `${refused} nodes are`} refused${hidden}`;
  return [
    table,
    "",
    `${model}: ${exported(inspection)}`,
    `${nodes.length} nodes: ${counts(nodes)}`,
    `${(total.macs / 1e6).toFixed(2)} million MACs, ${(total.params / 1e6).toFixed(2)} million parameters, activations of ${(total.peak_activation_bytes / 1e6).toFixed(2)} MB alive at once`,
    colors.bold(compiles ? "it can be compiled" : `it cannot be compiled: ${blame}`),
  ].join("\n");
}

/** 1x3x5, or "<=5x3" where there are at most 5 rows. */
function resultText({ shape, rows }: InspectedNode["outputs"][number]): string {
  if (shape === null) return "?";
  return shape.map((d, axis) => (axis === rows ? `<=${d}` : String(d))).join("x") || "scalar";
}

function exported({ producer, ir_version, opset }: Inspection): string {
  return `${producer === "" ? "of an unknown producer" : `exported by ${producer}`}, IR version ${ir_version}, opset ${opset}`;
}

function fate({ outcome, into, why }: InspectedNode): string {
  switch (outcome) {
    case "compiled":
      return "a kernel or a move";
    case "fused":
      return `fused into ${into}`;
    case "folded":
      return "computed at compile time";
    case "inlined":
      return "the nodes of its branches or rounds";
    case "passed":
      return "nothing to compute";
    case "refused":
      return `REFUSED: ${why}`;
    case "behind":
      return "behind a refused node, not looked at";
    case "dead":
      return "reaches no output";
  }
}

function counts(nodes: readonly InspectedNode[]): string {
  const found = new Map<string, number>();
  for (const { outcome } of nodes) found.set(outcome, (found.get(outcome) ?? 0) + 1);
  return [...found].map(([outcome, count]) => `${count} ${outcome}`).join(", ");
}
