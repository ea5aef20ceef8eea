import { type Activation, type ElementwiseOp, NO_CLAMP } from "../../../graph/graph.ts";
import { mergedRank } from "../../../graph/merged-axes.ts";
import type { ElementwiseName } from "../../../ops/elementwise/elementwise.ts";
import type { Holding } from "../import-state.ts";
import type { NodeContext } from "../node-context.ts";
import {
  type ConstantValue,
  padShape,
  sameShape,
  shapeText,
  spreadShape,
  type TensorValue,
  type Whole,
} from "../value.ts";
import { constantTensor } from "./constant-tensor.ts";

/** What is done to a result, and whether it holds whole numbers. */
export interface Ending {
  readonly activation?: Activation;
  readonly whole?: Whole;
}

/** What an operator of two tensors takes. */
export type Operand = TensorValue | ConstantValue;

/** An input as an operand. */
export function operandOf(node: NodeContext, i: number): Operand {
  const value = node.value(i);
  return value.kind === "constant" ? value : node.tensor(i);
}

/** Numbers that an importer makes, as an operand. */
export function madeOperand(
  node: NodeContext,
  part: string,
  shape: readonly number[],
  data: Float32Array,
  holding?: Holding,
): ConstantValue {
  return { kind: "constant", name: node.weight(part, shape, data, holding), shape, data };
}

/** The shape that tensors spread over each other have: axes are counted from the last, and those of one element serve all. */
export function broadcastShape(node: NodeContext, operands: readonly Operand[]): readonly number[] {
  const shapes = operands.map(({ shape }) => shape);
  return spreadShape(shapes) ?? node.invalid(`it spreads ${shapes.map(shapeText).join(" over ")}`);
}

/** Axes that a kernel of two tensors goes over, at most (ops/elementwise/elementwise.kernel.ts). */
export const MOST_AXES = 4;

/** The node's result, or that of a helper of this name: fn(a, b) of tensors spread over each other. */
export function emitElementwise(
  node: NodeContext,
  fn: ElementwiseName,
  [first, b]: readonly [Operand, Operand],
  helper?: string,
  ending: Ending = {},
): TensorValue {
  // of two that are known one is written while the network runs
  const known = first.kind === "constant" && b.kind === "constant";
  const a = known ? constantTensor(node, 0, first) : first;
  const shape = broadcastShape(node, [a, b]);
  const [left, right] = [a, b].map(
    (operand): Operand => ({ ...operand, shape: padShape(operand.shape, shape.length) }),
  );
  if (shape.length !== 4 && mergedRank([left.shape, right.shape, shape]) > MOST_AXES) {
    return emitTurned(node, fn, [a, b], shape.length, helper, ending);
  }
  const constant: ElementwiseOp["constant"] =
    left.kind === "constant" ? "first" : right.kind === "constant" ? "second" : undefined;
  const [x, other] = constant === "first" ? [b, a] : [a, b];
  const names = [aligned(node, x, shape.length), aligned(node, other, shape.length)];
  const { activation, whole } = ending;
  const op: ElementwiseOp = {
    ...{ kind: "elementwise", fn, ...(constant && { constant }) },
    ...{ ...(activation && { activation }), clamp: NO_CLAMP },
  };
  if (helper !== undefined) return node.emitHelper(helper, op, names, shape, whole);
  node.emit(op, names, shape, whole);
  return { kind: "tensor", name: node.outputName, shape };
}

/** The name of an operand seen in so many axes. */
function aligned(node: NodeContext, operand: Operand, rank: number): string {
  const shape = padShape(operand.shape, rank);
  if (operand.kind === "tensor") return alignedTo(node, operand, rank).name;
  // masks are infinite where nothing is to be seen
  if (sameShape(shape, operand.shape)) return node.use(operand, "infinite");
  return node.weight("operand", shape, operand.data, "infinite");
}

/** An activation seen in so many axes. */
export function alignedTo(node: NodeContext, x: TensorValue, rank: number): TensorValue {
  const shape = padShape(x.shape, rank);
  return sameShape(shape, x.shape)
    ? x
    : node.emitHelper("aligned", { kind: "reshape" }, [x.name], shape, x.whole);
}

/** Operands that alternate along many axes: those along which they are spread alike are brought together, and back behind it. */
function emitTurned(
  node: NodeContext,
  fn: ElementwiseName,
  operands: readonly [Operand, Operand],
  rank: number,
  helper: string | undefined,
  ending: Ending,
): TensorValue {
  const [a, b] = operands.map(({ shape }) => padShape(shape, rank));
  const pattern = (axis: number): number => (a[axis] === 1 ? 1 : 0) + (b[axis] === 1 ? 2 : 0);
  const perm = a.map((_, axis) => axis).sort((i, j) => pattern(i) - pattern(j) || i - j);
  const turn = (operand: Operand): TensorValue => {
    if (operand.kind === "constant") node.unsupported(`of a constant of shape ${shapeText(operand.shape)}`);
    const whole = padShape(operand.shape, rank);
    const shape = perm.map((axis) => whole[axis]);
    const name = aligned(node, operand, rank);
    return node.emitHelper("turned", { kind: "transpose", perm }, [name], shape);
  };
  const turned = emitElementwise(node, fn, [turn(operands[0]), turn(operands[1])], "spread", ending);
  const back = perm.map((_, axis) => perm.indexOf(axis));
  const shape = back.map((axis) => turned.shape[axis]);
  const op = { kind: "transpose", perm: back } as const;
  if (helper !== undefined) return node.emitHelper(helper, op, [turned.name], shape, ending.whole);
  node.emit(op, [turned.name], shape, ending.whole);
  return { kind: "tensor", name: node.outputName, shape };
}
