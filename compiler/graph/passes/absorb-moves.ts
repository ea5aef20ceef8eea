import { type Draft, rebuild } from "../draft.ts";
import { endsPlainly, isNoClamp } from "../epilogue.ts";
import type { Graph, GraphNode, MatMul, Matrices } from "../graph.ts";
import { batchNormAffine } from "./fold-batch-norm.ts";

/**
 * Products of matrices read their operands in any order of dimensions, and write so: reshapes and transposes before and after
 * them go, where each dimension of the product stays whole, and so do products with one number. Heads of an attention are
 * taken apart, scaled and put together for nothing.
 */
export function absorbMoves(graph: Graph): Graph {
  const reading = rebuild(graph, (node, draft) => {
    draft.push(node.op.kind === "matmul" ? withOperands(node, node.op, draft) : node);
  });
  return rebuild(reading, (node, draft) => {
    const producer = draft.isOnlyUse(node.inputs[0]) ? draft.producer(node.inputs[0]) : undefined;
    const op = producer?.op.kind === "matmul" ? endingWith(node, producer.op, draft) : undefined;
    if (producer === undefined || op === undefined) draft.push(node);
    else draft.replace(producer, { ...producer, op, output: node.output });
  });
}

function withOperands(node: GraphNode, op: MatMul, draft: Draft): GraphNode {
  const a = readThrough(node.inputs[0], op.a, draft);
  const b = readThrough(node.inputs[1], op.b, draft);
  return {
    ...node,
    op: { ...op, a: a.seen, b: b.seen, scale: op.scale * a.factor * b.factor },
    inputs: [a.tensor, b.tensor, ...node.inputs.slice(2)],
  };
}

interface Operand {
  readonly tensor: string;
  readonly seen: Matrices;
  /** What its elements are multiplied by. */
  readonly factor: number;
}

/** The tensor behind the moves and factors that lead to an operand, and how it is seen there. */
function readThrough(tensor: string, seen: Matrices, draft: Draft, factor = 1): Operand {
  const before = draft.producer(tensor);
  const here = { tensor, seen, factor };
  if (before === undefined) return here;
  const [x] = before.inputs;
  if (before.op.kind === "reshape") return readThrough(x, seen, draft, factor);
  if (before.op.kind === "transpose") {
    const order = orderBefore(draft.shape(tensor), before.op.perm, seen);
    return order === undefined ? here : readThrough(x, { ...seen, order }, draft, factor);
  }
  const by = singleFactor(before, draft);
  return by === undefined ? here : readThrough(x, seen, draft, factor * by);
}

/** The number that a node multiplies everything by, if it does nothing else. */
function singleFactor({ op, inputs }: GraphNode, draft: Draft): number | undefined {
  if (op.kind === "activation") {
    const { fn, alpha, beta } = op.activation;
    return fn === "affine" && beta === 0 && isNoClamp(op.clamp) ? alpha : undefined;
  }
  if (op.kind !== "batch-norm") return undefined;
  const { scale, shift } = batchNormAffine(op, inputs, draft.constant);
  return scale.every((s) => s === scale[0]) && shift.every((s) => s === 0) ? scale[0] : undefined;
}

/** A product with what a node makes of its result; undefined where that is more than moving it or multiplying it by one number. */
function endingWith(node: GraphNode, op: MatMul, draft: Draft): MatMul | undefined {
  const y = writtenBy(node, op, draft);
  if (y !== undefined) return { ...op, y };
  const plain = op.residual === false && endsPlainly(op);
  const factor = plain ? singleFactor(node, draft) : undefined;
  return factor === undefined ? undefined : { ...op, scale: op.scale * factor };
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
