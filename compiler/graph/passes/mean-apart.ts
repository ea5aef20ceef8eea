import { type Draft, rebuild } from "../draft.ts";
import type { Conv2d, Graph, GraphNode } from "../graph.ts";

/**
 * Convolutions that average their map leave it to a node of its own again, where sums of f16 have no digits for that. Undoes
 * fuse-global-pool.ts.
 */
export function meanApart(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    if (op.kind !== "conv2d" || !op.globalPool) {
      draft.push(node);
      return;
    }
    const { globalPool: _, ...plain } = op;
    const map = draft.addTensor(`${node.output}/map`, mapShape(node, op, draft));
    draft.push({ ...node, op: plain, output: map });
    pushMean(map, node, draft);
  });
}

/** Shape of the map that a convolution averages. */
function mapShape(
  { inputs }: GraphNode,
  { strides, pads, dilations }: Conv2d,
  draft: Draft,
): readonly number[] {
  const [[n, , ...map], [oc, , ...kernel]] = inputs.map((tensor) => draft.shape(tensor));
  const spatial = map.map((extent, i) => {
    const reach = dilations[i] * (kernel[i] - 1) + 1;
    return Math.floor((extent + pads[i] + pads[i + 2] - reach) / strides[i]) + 1;
  });
  return [n, oc, ...spatial];
}

/** The mean of a map, as the tensor that a node had for it. */
function pushMean(map: string, { name, output }: GraphNode, draft: Draft): void {
  const shape = draft.shape(output);
  const rows = shape.length === 2;
  const mean = rows ? draft.addTensor(`${output}/mean`, [...shape, 1, 1]) : output;
  draft.push({ name: `${name}/mean`, op: { kind: "global-avg-pool" }, inputs: [map], output: mean });
  if (rows) draft.push({ name: `${name}/rows`, op: { kind: "reshape" }, inputs: [mean], output });
}
