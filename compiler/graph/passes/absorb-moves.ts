import { type Draft, rebuild } from "../draft.ts";
import type { Graph, GraphNode, MatMul, Matrices } from "../graph.ts";

/**
 * Products of matrices read their operands in any order of dimensions, and write so: reshapes and transposes before and
 * after them go, where each dimension of the product stays whole. Heads of an attention are taken apart and put together for nothing.
 */
export function absorbMoves(graph: Graph): Graph {
  const reading = rebuild(graph, (node, draft) => {
    draft.push(node.op.kind === "matmul" ? withOperands(node, node.op, draft) : node);
  });
  return rebuild(reading, (node, draft) => {
    const producer = draft.isOnlyUse(node.inputs[0]) ? draft.producer(node.inputs[0]) : undefined;
    const y = producer?.op.kind === "matmul" ? writtenBy(node, producer.op, draft) : undefined;
    if (producer?.op.kind !== "matmul" || y === undefined) draft.push(node);
    else draft.replace(producer, { ...producer, op: { ...producer.op, y }, output: node.output });
  });
}

function withOperands(node: GraphNode, op: MatMul, draft: Draft): GraphNode {
  const a = readThrough(node.inputs[0], op.a, draft);
  const b = readThrough(node.inputs[1], op.b, draft);
  return {
    ...node,
    op: { ...op, a: a.seen, b: b.seen },
    inputs: [a.tensor, b.tensor, ...node.inputs.slice(2)],
  };
}

interface Operand {
  readonly tensor: string;
  readonly seen: Matrices;
}

/** The tensor behind the moves that lead to an operand, and how it is seen there. */
function readThrough(tensor: string, seen: Matrices, draft: Draft): Operand {
  const move = draft.producer(tensor);
  if (move?.op.kind === "reshape") return readThrough(move.inputs[0], seen, draft);
  if (move?.op.kind !== "transpose") return { tensor, seen };
  const order = orderBefore(draft.shape(tensor), move.op.perm, seen);
  return order === undefined ? { tensor, seen } : readThrough(move.inputs[0], { ...seen, order }, draft);
}

/** How a product writes what a node that only moves its result makes of it. A residual lies as the result does, and would have to follow. */
function writtenBy(node: GraphNode, op: MatMul, draft: Draft): Matrices | undefined {
  if (op.residual !== false && op.r === undefined) return undefined;
  if (node.op.kind === "reshape") return op.y;
  if (node.op.kind !== "transpose") return undefined;
  const { perm } = node.op;
  const inverse = perm.map((_, d) => perm.indexOf(d));
  const order = orderBefore(draft.shape(node.inputs[0]), inverse, op.y);
  return order && { ...op.y, order };
}

/**
 * The order of matrices' dimensions in a tensor of which `shape` is the transpose: dimension i of it was perm[i]. Undefined where
 * axes of one dimension do not stay side by side.
 */
function orderBefore(
  shape: readonly number[],
  perm: readonly number[],
  { shape: extents, order }: Matrices,
): readonly number[] | undefined {
  // where the axes of each dimension lie in the tensor before, axes of extent 1 left out
  const places: { readonly dim: number; readonly from: number }[] = [];
  const rank = perm.map((p) => perm.filter((q, j) => q < p && shape[j] !== 1).length);
  let axis = 0;
  for (const dim of order) {
    if (extents[dim] === 1) continue;
    let size = 1;
    let from: number | undefined;
    let next = 0;
    while (axis < shape.length && size < extents[dim]) {
      if (shape[axis] !== 1) {
        if (from !== undefined && rank[axis] !== next) return undefined;
        from ??= rank[axis];
        next = rank[axis] + 1;
        size *= shape[axis];
      }
      axis++;
    }
    if (size !== extents[dim] || from === undefined) return undefined;
    places.push({ dim, from });
  }
  const single = order.filter((dim) => extents[dim] === 1);
  return [...single, ...places.toSorted((p, q) => p.from - q.from).map(({ dim }) => dim)];
}
