import { rebuild } from "../draft.ts";
import type { Graph } from "../graph.ts";
import { transposeData } from "../transpose-data.ts";

/** Reshapes and transposes of constants (weights, as exporters like to leave them) are done now. */
export function foldConstants(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const [input] = node.inputs;
    const data = draft.constant(input);
    const moves = node.op.kind === "reshape" || node.op.kind === "transpose";
    if (data === undefined || !moves || graph.outputs.includes(node.output)) {
      draft.push(node);
      return;
    }
    const folded =
      node.op.kind === "transpose" ? transposeData(data, draft.shape(input), node.op.perm) : data;
    draft.substitute(node.output, draft.addTensor(`${node.output}/folded`, draft.shape(node.output), folded));
  });
}
