import type { NodeOp } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { type ConstantValue, shapeText, type TensorValue } from "../value.ts";

/** Attributes of a window as two dimensions have them. */
interface WindowAttributes {
  readonly kernel_shape: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly pads: readonly number[] | undefined;
}

/** Whether the node works on sequences [N,C,L]; else on images [N,C,H,W]. Throws UnsupportedNode for other ranks. */
export function onSequences(node: NodeContext, { shape }: TensorValue, what: string): boolean {
  if (shape.length !== 3 && shape.length !== 4) {
    node.unsupported(`input of shape ${shapeText(shape)}: only 1-D and 2-D ${what} are supported`);
  }
  return shape.length === 3;
}

/** A sequence as an image of one row. */
export function asImages(node: NodeContext, x: TensorValue): TensorValue {
  if (x.shape.length !== 3) return x;
  return node.emitHelper("row", { kind: "reshape" }, [x.name], ofOneRow(x.shape));
}

/** Weights of taps along a sequence as those along rows, made usable by a node; its tensor's name. */
export function useKernels(node: NodeContext, w: ConstantValue): string {
  return w.shape.length === 3 ? node.weight("row-weights", ofOneRow(w.shape), w.data) : node.use(w);
}

/** The shape of a sequence, or of its weights, as that of an image of one row; other shapes as they are. */
export function imageShape(shape: readonly number[]): readonly number[] {
  return shape.length === 3 ? ofOneRow(shape) : shape;
}

function ofOneRow(shape: readonly number[]): readonly number[] {
  return [...shape.slice(0, 2), 1, ...shape.slice(2)];
}

/** The attributes of a window over a sequence as those of one over an image of one row; lists of other lengths stay as they are. */
export function alongRows<A extends WindowAttributes>(attributes: A): WindowAttributes {
  const { kernel_shape, strides, dilations, pads } = attributes;
  return {
    kernel_shape: pair(kernel_shape, 1),
    strides: pair(strides, 1),
    dilations: pair(dilations, 1),
    pads: pads?.length === 2 ? [0, pads[0], 0, pads[1]] : pads,
  };
}

/** A list of one number with one for the row before it. */
export function pair(list: readonly number[] | undefined, row: number): readonly number[] | undefined {
  return list?.length === 1 ? [row, list[0]] : list;
}

/** The node's result: images, or sequences if that is what it works on. */
export function emitImages(
  node: NodeContext,
  sequences: boolean,
  op: NodeOp,
  inputs: readonly string[],
  shape: readonly number[],
): void {
  if (!sequences) {
    node.emit(op, inputs, shape);
    return;
  }
  const rows = node.emitHelper("rows", op, inputs, shape);
  node.emit({ kind: "reshape" }, [rows.name], shape.toSpliced(2, 1));
}
