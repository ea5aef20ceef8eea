import { isAlongImages } from "./along-axes.ts";
import { imageExtents, shapeOf } from "./extents.ts";
import type { Graph, GraphNode, NodeKind, NodeOp } from "./graph.ts";

/** What passes and the planner ask of a node, so that they need not name it. */
type Trait =
  /** Its kernel computes in f16, or at least stores it. */
  | "half"
  /** It only moves data: no kernel computes it. */
  | "moves"
  /** A function of each element, whatever channel it is of. */
  | "element-wise"
  /** It treats each channel alone, and every pixel of it alike. */
  | "channel-wise"
  /** Convolutions compute it. */
  | "convolves"
  /** Sums of products with constant weights: what scales and shifts its channels can go into these. */
  | "linear"
  /** A number for each of its output channels is added to its sums. */
  | "biased"
  /** It can end with an activation, then a clamp. */
  | "epilogue"
  /** It can add a residual, its last operand, to what it stores. */
  | "adds"
  /** Every operand is constant but the first, and a residual. */
  | "weighs"
  /** Each operand may be constant. */
  | "takes-constants"
  /** Its kernel writes all positions of images, and goes around a border; others write rows of elements. */
  | "images"
  /** The same, but it sees other tensors as rows. */
  | "images-or-rows"
  /** The same where it works along the axes of images. */
  | "images-along"
  /** The same, but it cannot go around a border. */
  | "pixels";

/** A new kind of node is refused by the compiler until it has its row. */
const TRAITS = {
  conv2d: ["half", "convolves", "linear", "biased", "epilogue", "adds", "weighs", "images"],
  "dynamic-conv2d": ["convolves", "biased", "epilogue", "adds", "images"],
  dense: ["half", "convolves", "linear", "biased", "epilogue", "weighs", "images"],
  matmul: ["epilogue", "adds", "takes-constants"],
  "batch-norm": ["convolves", "channel-wise", "weighs", "images"],
  clamp: ["half", "element-wise", "channel-wise", "images"],
  activation: ["half", "element-wise", "channel-wise", "images"],
  prelu: ["half", "channel-wise", "weighs", "images"],
  add: ["half", "epilogue", "images"],
  mul: ["half", "epilogue", "adds", "images"],
  elementwise: ["epilogue", "images-or-rows"],
  where: ["images-or-rows"],
  pool: ["half", "images"],
  "global-avg-pool": ["half", "pixels"],
  "instance-norm": ["epilogue", "weighs", "images"],
  lrn: ["images"],
  "layer-norm": ["weighs"],
  reduce: [],
  softmax: [],
  recurrent: ["takes-constants"],
  frame: ["weighs", "images"],
  constant: [],
  gather: ["images-along"],
  resample: ["images-along"],
  pad: ["images-along"],
  reshape: ["moves"],
  transpose: ["moves"],
  concat: ["moves"],
  slice: ["moves"],
  "depth-to-space": ["moves"],
  "space-to-depth": ["moves"],
  sample: ["images"],
  "arg-extreme": [],
  "cum-sum": [],
  "top-k": [],
  "gather-at": [],
  "scatter-at": [],
  "grid-taps": [],
  "roi-taps": [],
  check: [],
  "non-max": [],
  places: [],
  "used-rows": [],
  det: [],
} as const satisfies Readonly<Record<NodeKind, readonly Trait[]>>;

type KindWith<T extends Trait> = {
  [K in NodeKind]: T extends (typeof TRAITS)[K][number] ? K : never;
}[NodeKind];

/** Nodes that have a trait. */
export type OpWith<T extends Trait> = Extract<NodeOp, { readonly kind: KindWith<T> }>;

export function has<T extends Trait>(op: NodeOp, trait: T): op is OpWith<T> {
  const traits: readonly Trait[] = TRAITS[op.kind];
  return traits.includes(trait);
}

/** Whether a residual is added to what activation and clamp made, so that none may follow. */
export function addsLast(op: NodeOp): boolean {
  return has(op, "adds") && op.residual === "after";
}

/** Whether a node's kernel writes all positions of images; others write rows of elements. */
export function writesImages(graph: Graph, node: GraphNode): boolean {
  return has(node.op, "pixels") || writesWindows(graph, node);
}

/** Whether its kernel writes any window of images, and so into a border. */
export function writesBorders(graph: Graph, node: GraphNode): boolean {
  const rows = has(node.op, "images-or-rows") && imageExtents(shapeOf(graph, node.output)) === undefined;
  return !rows && writesWindows(graph, node);
}

function writesWindows({ tensors }: Graph, { op, output }: GraphNode): boolean {
  return has(op, "images-along")
    ? isAlongImages(op, tensors.get(output)?.shape ?? [])
    : has(op, "images") || has(op, "images-or-rows");
}

/** Operands that are known when the network is compiled; undefined where any may be. */
export function constantOperands({ op, inputs }: GraphNode): readonly number[] | undefined {
  if (has(op, "takes-constants")) return undefined;
  const known = has(op, "adds") && op.residual ? inputs.slice(0, -1) : inputs;
  if (has(op, "weighs")) return [...known.keys()].slice(1);
  if (op.kind === "dynamic-conv2d") return op.bias ? [2] : [];
  if (op.kind === "elementwise") return op.constant === undefined ? [] : [1];
  return op.kind === "constant" || ("constant" in op && op.constant) ? [0] : [];
}
