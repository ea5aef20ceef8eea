import { isComputedInHalf } from "../../ops/activation/activations.ts";
import { type Draft, rebuild } from "../draft.ts";
import { type Conv2d, type Graph, type GraphNode, NO_CLAMP } from "../graph.ts";
import { has, type OpWith } from "../node-traits.ts";

/**
 * What f16 cannot do at the end of a node becomes nodes of its own, which compute in f32 and only store f16: the mean of a map, functions
 * such as a sigmoid. Undoes fuse-activation.ts and fuse-global-pool.ts there.
 */
export function endInHalves(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    const whole = op.kind === "conv2d" && op.globalPool ? meanApart({ ...node, op }, draft) : node;
    if (has(whole.op, "epilogue") && has(whole.op, "half")) activateApart({ ...whole, op: whole.op }, draft);
    else draft.push(whole);
    if (whole !== node) pushMean(whole.output, node, draft);
  });
}

type Ending = GraphNode & { readonly op: OpWith<"epilogue"> & OpWith<"half"> };

/** Pushes a node, and behind it the activation that it ended with, its clamp and a residual that is added to that. */
function activateApart(node: Ending, draft: Draft): void {
  const { op, inputs, output, name } = node;
  const { activation, clamp } = op;
  if (activation === undefined || isComputedInHalf(activation.fn)) {
    draft.push(node);
    return;
  }
  const shape = draft.shape(output);
  const last = has(op, "adds") && op.residual === "after" ? inputs[inputs.length - 1] : undefined;
  const sums = draft.addTensor(`${output}/sums`, shape);
  const { activation: _, ...plain } = op;
  const ends = { ...plain, clamp: NO_CLAMP, ...(last !== undefined && { residual: false as const }) };
  draft.push({ name, op: ends, inputs: last === undefined ? inputs : inputs.slice(0, -1), output: sums });
  const activated = last === undefined ? output : draft.addTensor(`${output}/activated`, shape);
  draft.push({
    name: `${name}/${activation.fn}`,
    op: { kind: "activation", activation, clamp },
    inputs: [sums],
    output: activated,
  });
  if (last === undefined) return;
  const add = { kind: "add", clamp: NO_CLAMP } as const;
  draft.push({ name: `${name}/add`, op: add, inputs: [activated, last], output });
}

/** A convolution that leaves its map to what comes behind it. */
function meanApart(node: GraphNode & { readonly op: Conv2d }, draft: Draft): GraphNode {
  const { globalPool: _, ...op } = node.op;
  const [[n, , ...map], [oc, , ...kernel]] = node.inputs.map((tensor) => draft.shape(tensor));
  const spatial = map.map((extent, i) => {
    const reach = op.dilations[i] * (kernel[i] - 1) + 1;
    return Math.floor((extent + op.pads[i] + op.pads[i + 2] - reach) / op.strides[i]) + 1;
  });
  return { ...node, op, output: draft.addTensor(`${node.output}/map`, [n, oc, ...spatial]) };
}

/** The mean of a map, as the tensor that a node had for it. */
function pushMean(map: string, { name, output }: GraphNode, draft: Draft): void {
  const shape = draft.shape(output);
  const rows = shape.length === 2;
  const mean = rows ? draft.addTensor(`${output}/mean`, [...shape, 1, 1]) : output;
  draft.push({ name: `${name}/mean`, op: { kind: "global-avg-pool" }, inputs: [map], output: mean });
  if (rows) draft.push({ name: `${name}/rows`, op: { kind: "reshape" }, inputs: [mean], output });
}
