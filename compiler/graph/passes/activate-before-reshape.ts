import { rebuild } from "../draft.ts";
import type { Graph, NodeOp } from "../graph.ts";
import { has } from "../node-traits.ts";

/**
 * An activation or a clamp behind a reshape of a dense layer's result goes before the reshape, so that the layer can end with it:
 * rows of more than one dimension have such reshapes.
 */
export function activateBeforeReshape(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const [x] = node.inputs;
    const reshape = draft.isOnlyUse(x) ? draft.producer(x) : undefined;
    const flat = reshape?.op.kind === "reshape" ? reshape.inputs[0] : undefined;
    const before = flat !== undefined && draft.isOnlyUse(flat) ? draft.producer(flat) : undefined;
    const fits = before !== undefined && endsRows(before.op) && has(node.op, "element-wise");
    if (reshape === undefined || flat === undefined || !fits) {
      draft.push(node);
      return;
    }
    const output = draft.addTensor(`${node.output}/rows`, draft.shape(flat));
    draft.replace(reshape, { ...node, inputs: [flat], output });
    draft.push({ ...reshape, inputs: [output], output: node.output });
  });
}

/** A dense layer, or what went before the reshape already. */
function endsRows(op: NodeOp): boolean {
  return op.kind === "dense" || has(op, "element-wise");
}
