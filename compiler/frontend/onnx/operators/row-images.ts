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

/** The node's result, images [N,C,H,W]; a sequence where it has as many dimensions as `given`, the node's input. */
export function emitImages(
  node: NodeContext,
  given: TensorValue,
  op: NodeOp,
  inputs: readonly string[],
  shape: readonly number[],
): void {
  if (given.shape.length !== 3) {
    node.emit(op, inputs, shape);
    return;
  }
  const rows = node.emitHelper("rows", op, inputs, shape);
  node.emit({ kind: "reshape" }, [rows.name], [shape[0], shape[1], shape[3]]);
}
