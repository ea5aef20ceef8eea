import type { NodeOp } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import type { ConstantValue, TensorValue } from "../value.ts";

// Sequences [N,C,L] are images of one row, [N,C,1,L]: the same elements in the same order.

/** A sequence as images; images as they are. */
export function asImages(node: NodeContext, x: TensorValue): TensorValue {
  if (x.shape.length !== 3) return x;
  return node.emitHelper("row", { kind: "reshape" }, [x.name], withRow(x.shape));
}

/** Weights of taps along a sequence as those of taps along one row; the tensor's name. */
export function asKernels(node: NodeContext, w: ConstantValue): string {
  return w.shape.length === 3 ? node.weight("weights", withRow(w.shape), w.data) : node.use(w);
}

export function withRow(shape: readonly number[]): readonly number[] {
  return [shape[0], shape[1], 1, shape[2]];
}

/** Emits the last of some nodes. */
export type Emit = (op: NodeOp, inputs: readonly string[], shape: readonly number[]) => void;

/** Emits what computes images [N,C,H,W] as the node's result: a sequence where its input, `given`, is one. */
export function imageEmitter(node: NodeContext, given: TensorValue, last: Emit = node.emit): Emit {
  if (given.shape.length !== 3) return last;
  return (op, inputs, shape) => {
    const rows = node.emitHelper("rows", op, inputs, shape);
    last({ kind: "reshape" }, [rows.name], shape.toSpliced(2, 1));
  };
}
