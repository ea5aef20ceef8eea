import { type ElementwiseOp, NO_CLAMP } from "../../../graph/graph.ts";
import { mergedRank } from "../../../graph/merged-axes.ts";
import type { ElementwiseName } from "../../../ops/elementwise.ts";
import type { NodeContext } from "../node-context.ts";
import {
  type ConstantValue,
  padShape,
  sameShape,
  shapeText,
  spreadShape,
  type TensorValue,
} from "../value.ts";

/** What an operator of two tensors takes: at least one of them is an activation. */
export type Operand = TensorValue | ConstantValue;

/** An input as an operand. */
export function operandOf(node: NodeContext, i: number): Operand {
  const value = node.value(i);
  return value.kind === "constant" ? value : node.tensor(i);
}

/** The shape that tensors spread over each other have: axes are counted from the last, and those of one element serve all. */
export function broadcastShape(node: NodeContext, operands: readonly Operand[]): readonly number[] {
  const shapes = operands.map(({ shape }) => shape);
  return spreadShape(shapes) ?? node.invalid(`it spreads ${shapes.map(shapeText).join(" over ")}`);
}

/** Axes that a kernel of two tensors goes over, at most (ops/elementwise.kernel.ts). */
const MOST_AXES = 4;

/** The node's result, or that of a helper of this name: fn(a, b) of tensors spread over each other. */
export function emitElementwise(
  node: NodeContext,
  fn: ElementwiseName,
  [a, b]: readonly [Operand, Operand],
  helper?: string,
): TensorValue {
  const shape = broadcastShape(node, [a, b]);
  const [left, right] = [a, b].map(
    (operand): Operand => ({ ...operand, shape: padShape(operand.shape, shape.length) }),
  );
  if (shape.length !== 4 && mergedRank([left.shape, right.shape, shape]) > MOST_AXES) {
    return emitTurned(node, fn, [a, b], shape.length, helper);
  }
  const constant: ElementwiseOp["constant"] =
    left.kind === "constant" ? "first" : right.kind === "constant" ? "second" : undefined;
  const [x, other] = constant === "first" ? [b, a] : [a, b];
  const names = [aligned(node, x, shape.length), aligned(node, other, shape.length)];
  const op: ElementwiseOp = { kind: "elementwise", fn, ...(constant && { constant }), clamp: NO_CLAMP };
  if (helper !== undefined) return node.emitHelper(helper, op, names, shape);
  node.emit(op, names, shape);
  return { kind: "tensor", name: node.outputName, shape };
}

/** The name of an operand seen in so many axes. */
function aligned(node: NodeContext, operand: Operand, rank: number): string {
  const shape = padShape(operand.shape, rank);
  const same = sameShape(shape, operand.shape);
  if (operand.kind === "constant")
    return same ? node.use(operand) : node.weight("operand", shape, operand.data);
  return same ? operand.name : node.emitHelper("aligned", { kind: "reshape" }, [operand.name], shape).name;
}

/** Operands that alternate along many axes: those along which they are spread alike are brought together, and back behind it. */
function emitTurned(
  node: NodeContext,
  fn: ElementwiseName,
  operands: readonly [Operand, Operand],
  rank: number,
  helper: string | undefined,
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
  const turned = emitElementwise(node, fn, [turn(operands[0]), turn(operands[1])], "spread");
  const back = perm.map((_, axis) => perm.indexOf(axis));
  const shape = back.map((axis) => turned.shape[axis]);
  const op = { kind: "transpose", perm: back } as const;
  if (helper !== undefined) return node.emitHelper(helper, op, [turned.name], shape);
  node.emit(op, [turned.name], shape);
  return { kind: "tensor", name: node.outputName, shape };
}
