import { valueBounds } from "../bounds.ts";
import { rebuild } from "../draft.ts";
import { type Graph, NO_CLAMP } from "../graph.ts";

/** Removes clamps whose input is known to lie within their bounds already, such as a ReLU after a ReLU. */
export function removeRedundantClamps(graph: Graph): Graph {
  const bounds = valueBounds(graph);
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    if (op.kind === "clamp" && !graph.outputs.includes(node.output)) {
      const { lo, hi } = bounds.get(node.inputs[0]) ?? NO_CLAMP;
      if (lo >= op.clamp.lo && hi <= op.clamp.hi) {
        draft.substitute(node.output, node.inputs[0]);
        return;
      }
    }
    draft.push(node);
  });
}
