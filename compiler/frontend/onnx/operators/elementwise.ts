import { NO_CLAMP, type NodeOp } from "../../../graph/graph.ts";
import { ELEMENTWISE_OF_ONNX } from "../../../ops/elementwise.ts";
import { channelValues } from "../channel-values.ts";
import { gatedProduct } from "../gates.ts";
import { combineIntegers } from "../integers.ts";
import type { NodeContext } from "../node-context.ts";
import { type OperatorImporter, operator } from "../operator.ts";
import { type ConstantValue, sameShape, shapeText, type TensorValue } from "../value.ts";
import { addToProduct } from "./product-bias.ts";

/** An operator of two inputs: on known integers, and as scale and bias when one side is constant. */
interface Arithmetic {
  readonly type: "Add" | "Sub" | "Mul" | "Div";
  readonly integers: (a: number, b: number) => number;
  /** x op c as s*x + b; undefined when it has no such form. */
  readonly right: (c: number) => Affine | undefined;
  /** c op x. */
  readonly left: (c: number) => Affine | undefined;
}
type Affine = readonly [scale: number, bias: number];

/** Add also takes two activations, Mul some pairs of them. */
const ARITHMETIC: readonly Arithmetic[] = [
  { type: "Add", integers: (a, b) => a + b, right: (c) => [1, c], left: (c) => [1, c] },
  { type: "Sub", integers: (a, b) => a - b, right: (c) => [1, -c], left: (c) => [-1, c] },
  { type: "Mul", integers: (a, b) => a * b, right: (c) => [c, 0], left: (c) => [c, 0] },
  { type: "Div", integers: (a, b) => Math.trunc(a / b), right: (c) => [1 / c, 0], left: () => undefined },
];

function arithmetic(op: Arithmetic): OperatorImporter {
  return operator(op.type, (node) => {
    const a = node.value(0);
    const b = node.value(1);
    if (a.kind === "integers" && b.kind === "integers") combineIntegers(node, a, b, op.integers);
    else if (b.kind === "constant") withConstant(node, op.type, node.tensor(0), b, op.right);
    else if (a.kind === "constant") withConstant(node, op.type, node.tensor(1), a, op.left);
    else if (op.type === "Add") combineTensors(node, { kind: "add", clamp: NO_CLAMP });
    else if (op.type === "Mul") multiplyTensors(node);
    else combineTensors(node, elementwiseOf(node));
  });
}

function elementwiseOf(node: NodeContext): NodeOp {
  const fn = ELEMENTWISE_OF_ONNX.get(node.operator);
  if (fn === undefined) return node.unsupported("of two activations: only by a constant");
  return { kind: "elementwise", fn, clamp: NO_CLAMP };
}

/** Two activations of one shape. */
function combineTensors(node: NodeContext, op: NodeOp): void {
  const a = node.tensor(0);
  const b = node.tensor(1);
  if (!sameShape(a.shape, b.shape)) {
    node.unsupported(`of ${shapeText(a.shape)} and ${shapeText(b.shape)}: only equal shapes are supported`);
  }
  node.emit(op, [a.name, b.name], a.shape);
}

/** The larger or smaller of two: where one is a single constant, a clamp. */
const EXTREMES = [
  ["Max", "lo"],
  ["Min", "hi"],
] as const;
const extremes = EXTREMES.map(([type, bound]) =>
  operator(type, (node) => {
    const a = node.value(0);
    if (node.inputCount === 1) {
      node.become(a);
      return;
    }
    if (node.inputCount !== 2) node.unsupported(`of ${node.inputCount} inputs: only of two`);
    const b = node.value(1);
    if (b.kind === "constant") clampBy(node, node.tensor(0), b, bound);
    else if (a.kind === "constant") clampBy(node, node.tensor(1), a, bound);
    else combineTensors(node, elementwiseOf(node));
  }),
);

function clampBy(node: NodeContext, x: TensorValue, constant: ConstantValue, bound: "lo" | "hi"): void {
  const [value] = constant.data;
  if (constant.data.length !== 1 || constant.shape.length > x.shape.length) {
    node.unsupported(`constant \`${constant.name}\` of shape ${shapeText(constant.shape)}: only a scalar`);
  }
  if (!Number.isFinite(value)) node.unsupported(`constant \`${constant.name}\` is ${value}`);
  node.emit({ kind: "clamp", clamp: { ...NO_CLAMP, [bound]: value } }, [x.name], x.shape);
}

/** The product of two activations is an activation function of one of them, or an operator of its own. */
function multiplyTensors(node: NodeContext): void {
  const a = node.tensor(0);
  const b = node.tensor(1);
  const gated = sameShape(a.shape, b.shape) ? gatedProduct(node.state, a.name, b.name) : undefined;
  if (gated === undefined) {
    multiplyElements(node, a, b);
    return;
  }
  const { activation, base, scale } = gated;
  const op: NodeOp = { kind: "activation", activation, clamp: NO_CLAMP };
  // Rounding of the constants that an exporter split: within it, the factors cancel.
  if (Math.abs(scale - 1) < 1e-6) node.emit(op, [base], a.shape);
  else emitAffine(node, node.emitHelper("activation", op, [base], a.shape), () => [scale, 0]);
}

/** Equal shapes, or one value for each channel's map on either side. */
function multiplyElements(node: NodeContext, a: TensorValue, b: TensorValue): void {
  const op: NodeOp = { kind: "mul", residual: false, clamp: NO_CLAMP };
  if (sameShape(a.shape, b.shape) || isChannelMap(b, a)) node.emit(op, [a.name, b.name], a.shape);
  else if (isChannelMap(a, b)) node.emit(op, [b.name, a.name], b.shape);
  else {
    node.unsupported(
      `of ${shapeText(a.shape)} and ${shapeText(b.shape)}: only equal shapes, or one value for each channel of each image`,
    );
  }
}

function isChannelMap({ shape }: TensorValue, { shape: of }: TensorValue): boolean {
  return shape.length === of.length && shape.every((d, i) => d === (i < 2 ? of[i] : 1));
}

/** One value per channel becomes the bias of the dense layer before, else a batch norm without statistics. */
function withConstant(
  node: NodeContext,
  type: string,
  x: TensorValue,
  c: ConstantValue,
  affine: (c: number) => Affine | undefined,
): void {
  if (type === "Add" && addToProduct(node, x, c)) return;
  const perChannel = channelValues(node, x.shape, c);
  if (perChannel === undefined || x.shape.length < 2) {
    node.unsupported(
      `constant \`${c.name}\` of shape ${shapeText(c.shape)} with ${shapeText(x.shape)}: only a scalar or one value per channel`,
    );
  }
  if (type === "Add" && giveBiasToDense(node, x, perChannel)) return;
  const pairs = Array.from(
    perChannel,
    (v) => affine(v) ?? node.unsupported("a constant divided by an activation"),
  );
  emitAffine(node, x, (c) => pairs[c]);
}

/** Scale and bias for each channel, as a batch norm without statistics. */
function emitAffine(node: NodeContext, x: TensorValue, of: (channel: number) => Affine): void {
  const channels = x.shape[1] ?? 1;
  const vector = (part: string, value: (channel: number) => number): string =>
    node.weight(
      part,
      [channels],
      Float32Array.from({ length: channels }, (_, c) => value(c)),
    );
  node.emit(
    { kind: "batch-norm", epsilon: 0 },
    [
      x.name,
      vector("scale", (c) => of(c)[0]),
      vector("bias", (c) => of(c)[1]),
      vector("mean", () => 0),
      vector("variance", () => 1),
    ],
    x.shape,
  );
}

/** MatMul then Add is how many exporters write a dense layer; true when x was such a product and nothing else reads it. */
function giveBiasToDense(node: NodeContext, x: TensorValue, bias: Float32Array): boolean {
  const { state } = node;
  const dense = state.producers.get(x.name);
  const read = node.inputName(0) === x.name || node.inputName(1) === x.name;
  if (dense?.op.kind !== "dense" || dense.op.bias || !read || state.uses.get(x.name) !== 1) return false;
  state.nodes.splice(state.nodes.lastIndexOf(dense), 1);
  state.producers.delete(x.name);
  state.tensors.delete(x.name);
  state.nodeNames.delete(node.name);
  node.emit(
    { ...dense.op, bias: true },
    [...dense.inputs, node.weight("bias", [bias.length], bias)],
    x.shape,
  );
  return true;
}

export const elementwiseOperators = [...ARITHMETIC.map(arithmetic), ...extremes];
