import { countUses } from "../draft.ts";
import { elementCount, imageExtents, shapeOf } from "../extents.ts";
import type { DepthToSpace, Graph, GraphNode, SpaceToDepth } from "../graph.ts";
import { isKernelNode, type KernelNode } from "../node-task/node-task.ts";
import { readersOf } from "../readers.ts";

/**
 * A node as the planner sees it. Nodes that only move data are told apart by what they cost:
 *
 * - `rename`: same images under another shape, [N,C,1,1] and [N,C], or [N,C,1,L] and [N,C,L]; costs nothing.
 * - `flatten`: [N,C,H,W] to [N,C*H*W] read by dense layers only, whose weights take up the order; nothing.
 * - `shuffle`: channel g*size + i becomes channel i*groups + g; nothing or one copy, as layouts go.
 * - `reshape`, `transpose`: copies. `join` puts images together along their channels, `concat` is any other. `take` is
 *   some of the channels of images, `slice` any other part. `spread` puts channels side by side in the map, `collect` takes them
 *   together again.
 */
export type PlanNode =
  | {
      readonly kind: "kernel";
      readonly name: string;
      readonly inputs: readonly string[];
      readonly output: string;
      readonly node: KernelNode;
    }
  | MoveNode;
export type MoveNode = {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
} & (
  | { readonly kind: "rename" | "flatten" | "reshape" }
  | { readonly kind: "join" }
  | { readonly kind: "shuffle"; readonly groups: number; readonly size: number }
  | { readonly kind: "transpose"; readonly perm: readonly number[] }
  | { readonly kind: "concat"; readonly axis: number }
  | { readonly kind: "take"; readonly start: number }
  | { readonly kind: "slice"; readonly axis: number; readonly start: number }
  | { readonly kind: "spread"; readonly op: DepthToSpace }
  | { readonly kind: "collect"; readonly op: SpaceToDepth }
);

export function planNodes(graph: Graph): readonly PlanNode[] {
  const shuffles = findShuffles(graph);
  const absorbed = new Set([...shuffles.values()].flatMap((s) => s.absorbed));
  return graph.nodes
    .filter((node) => !absorbed.has(node))
    .map((node) => shuffles.get(node)?.shuffle ?? planNode(graph, node));
}

function planNode(graph: Graph, node: GraphNode): PlanNode {
  const { name, inputs, output, op } = node;
  if (isKernelNode(node)) return { kind: "kernel", name, inputs, output, node };
  switch (op.kind) {
    case "transpose":
      return { kind: "transpose", name, inputs, output, perm: op.perm };
    case "concat": {
      const images = op.axis === 1 && shapeOf(graph, output).length === 4;
      if (images) return { kind: "join", name, inputs, output };
      return { kind: "concat", name, inputs, output, axis: op.axis };
    }
    case "slice": {
      const { axis, start } = op;
      const images = axis === 1 && shapeOf(graph, output).length === 4;
      return { name, inputs, output, ...(images ? { kind: "take", start } : { kind: "slice", axis, start }) };
    }
    case "depth-to-space":
      return { kind: "spread", name, inputs, output, op };
    case "space-to-depth":
      return { kind: "collect", name, inputs, output, op };
    default:
      return { kind: reshapeKind(graph, node), name, inputs, output };
  }
}

/** A sequence [N,C,L] as an image of one row, or back. */
function turnsSequence(from: readonly number[], to: readonly number[]): boolean {
  const [short, long] = from.length < to.length ? [from, to] : [to, from];
  return short.length === 3 && long.join() === short.toSpliced(2, 0, 1).join();
}

function reshapeKind(graph: Graph, node: GraphNode): "rename" | "flatten" | "reshape" {
  if (turnsSequence(shapeOf(graph, node.inputs[0]), shapeOf(graph, node.output))) return "rename";
  const from = imageExtents(shapeOf(graph, node.inputs[0]));
  const to = imageExtents(shapeOf(graph, node.output));
  if (from === undefined || to === undefined || from.n !== to.n) return "reshape";
  if (from.c === to.c && from.h === to.h && from.w === to.w) return "rename";
  const flat = to.h * to.w === 1 && to.c === from.c * from.h * from.w;
  const readers = readersOf(graph, node.output);
  const byDense = readers.every((reader) => reader.op.kind === "dense");
  return flat && byDense && !graph.outputs.includes(node.output) ? "flatten" : "reshape";
}

interface FoundShuffle {
  readonly shuffle: PlanNode;
  /** The reshape and the transpose before the reshape it is filed under. */
  readonly absorbed: readonly GraphNode[];
}

/** Reshape to [N,G,S,H,W], transpose of G and S, reshape back: a channel shuffle, by its last node. */
function findShuffles(graph: Graph): ReadonlyMap<GraphNode, FoundShuffle> {
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const uses = countUses(graph);
  const inner = (tensor: string): GraphNode | undefined =>
    uses.get(tensor) === 1 && !graph.outputs.includes(tensor) ? producers.get(tensor) : undefined;
  const found = new Map<GraphNode, FoundShuffle>();
  for (const last of graph.nodes) {
    if (last.op.kind !== "reshape") continue;
    const transpose = inner(last.inputs[0]);
    if (transpose?.op.kind !== "transpose" || transpose.op.perm.join() !== "0,2,1,3,4") continue;
    const first = inner(transpose.inputs[0]);
    if (first?.op.kind !== "reshape") continue;
    const [x] = first.inputs;
    const [n, groups, size, h, w] = shapeOf(graph, first.output);
    const images = [n, groups * size, h, w].join();
    if (shapeOf(graph, x).join() !== images || shapeOf(graph, last.output).join() !== images) continue;
    const { name, output } = last;
    found.set(last, {
      shuffle: { kind: "shuffle", name, inputs: [x], output, groups, size },
      absorbed: [first, transpose],
    });
  }
  return found;
}

/** Operand numbers of a node's activations: its inputs that are no constants. */
export function activationOperands(graph: Graph, node: GraphNode): readonly number[] {
  return node.inputs.flatMap((name, i) => (graph.tensors.get(name)?.data === undefined ? [i] : []));
}

export function tensorSize(graph: Graph, tensor: string): number {
  return elementCount(shapeOf(graph, tensor));
}
