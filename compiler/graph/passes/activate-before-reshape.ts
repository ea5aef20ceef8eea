import { rebuild } from "../draft.ts";
import type { Graph, NodeKind } from "../graph.ts";

/** A dense layer, or what went before the reshape already. */
const ENDS: readonly NodeKind[] = ["dense", "activation", "clamp"];

/**
 * An activation or a clamp behind a reshape of a dense layer's result goes before the reshape, so that the layer can end with it:
 * rows of more than one dimension have such reshapes.
 */
export function activateBeforeReshape(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const [x] = node.inputs;
    const reshape = draft.isOnlyUse(x) ? draft.producer(x) : undefined;
    const plain = node.op.kind === "activation" || node.op.kind === "clamp";
    const flat = reshape?.op.kind === "reshape" ? reshape.inputs[0] : undefined;
    const alone =
      flat !== undefined && draft.isOnlyUse(flat) && ENDS.some((kind) => kind === draft.producer(flat)?.op.kind);
    if (!plain || reshape === undefined || flat === undefined || !alone) {
      draft.push(node);
      return;
    }
    const output = draft.addTensor(`${node.output}/rows`, draft.shape(flat));
    draft.replace(reshape, { ...node, inputs: [flat], output });
    draft.push({ ...reshape, inputs: [output], output: node.output });
  });
}
