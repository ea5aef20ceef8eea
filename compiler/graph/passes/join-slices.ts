import { rebuild } from "../draft.ts";
import type { Graph, GraphNode, Slice } from "../graph.ts";

/** Part of a tensor along an axis, from `start` on; all of one that is no slice. */
interface Piece {
  readonly tensor: string;
  readonly start: number;
  readonly length: number;
}

/**
 * Slices that a concat puts side by side as they were (blocks that split their channels and join all that they make of them) are one
 * slice, or the tensor itself.
 */
export function joinSlices(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    if (op.kind !== "concat") {
      draft.push(node);
      return;
    }
    const pieces = node.inputs.map((tensor): Piece => {
      const slice = sliceOf(draft.producer(tensor), op.axis);
      const length = draft.shape(tensor)[op.axis];
      return slice === undefined
        ? { tensor, start: 0, length }
        : { tensor: slice.x, start: slice.start, length };
    });
    const joined: { inputs: number; piece: Piece }[] = [];
    for (const piece of pieces) {
      const before = joined.at(-1);
      const end = before && before.piece.start + before.piece.length;
      if (before?.piece.tensor === piece.tensor && end === piece.start) {
        before.inputs += 1;
        before.piece = { ...before.piece, length: before.piece.length + piece.length };
      } else joined.push({ inputs: 1, piece });
    }
    let at = 0;
    const inputs = joined.map(({ inputs: count, piece: { tensor, start, length } }, i) => {
      const first = node.inputs[at];
      at += count;
      if (count === 1) return first;
      const shape = draft.shape(tensor);
      if (length === shape[op.axis]) return tensor;
      const output = draft.addTensor(`${node.output}/piece${i}`, shape.with(op.axis, length));
      const slice: Slice = { kind: "slice", axis: op.axis, start };
      draft.push({ name: `${node.name}/piece${i}`, op: slice, inputs: [tensor], output });
      return output;
    });
    const [only] = inputs;
    if (inputs.length === 1 && node.inputs.length > 1 && !graph.outputs.includes(node.output)) {
      draft.substitute(node.output, only);
    } else draft.push({ ...node, inputs });
  });
}

function sliceOf(
  node: GraphNode | undefined,
  axis: number,
): { readonly x: string; readonly start: number } | undefined {
  if (node?.op.kind !== "slice" || node.op.axis !== axis) return undefined;
  return { x: node.inputs[0], start: node.op.start };
}
