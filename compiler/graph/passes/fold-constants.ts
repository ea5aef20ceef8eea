import { rebuild } from "../draft.ts";
import type { Graph, NodeOp } from "../graph.ts";
import { transposeData } from "../transpose-data.ts";

/** Reshapes and transposes of constants (weights, as exporters like to leave them) are done now. */
export function foldConstants(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const [input] = node.inputs;
    const data = draft.constant(input);
    const folded = data && moved(node.op, data, draft.shape(input));
    if (folded === undefined || graph.outputs.includes(node.output)) {
      draft.push(node);
      return;
    }
    draft.substitute(node.output, draft.addTensor(`${node.output}/folded`, draft.shape(node.output), folded));
  });
}

function moved(op: NodeOp, data: Float32Array, shape: readonly number[]): Float32Array | undefined {
  if (op.kind === "transpose") return transposeData(data, shape, op.perm);
  return op.kind === "reshape" ? data : undefined;
}
