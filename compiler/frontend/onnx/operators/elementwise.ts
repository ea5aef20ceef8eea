import { NO_CLAMP, type NodeOp } from "../../../graph/graph.ts";
import type { ElementwiseName } from "../../../ops/elementwise/elementwise.ts";
import { channelValues } from "../channel-values.ts";
import { gatedProduct } from "../gates.ts";
import type { NodeContext } from "../node-context.ts";
import { type OperatorImporter, operator } from "../operator.ts";
import { type ConstantValue, sameShape, type TensorValue } from "../value.ts";
import { findInteger } from "../whole.ts";
import { emitElementwise, type Operand, operandOf } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { addToProduct, giveBiasToDense } from "./product-bias.ts";
import { combineWhole, divideWhole, mapWhole, moduloWhole } from "./whole-arithmetic.ts";
import { findWhole, readsWhole } from "./whole-operand.ts";

/** An operator of two inputs, and what it is as scale and bias when one side is constant. */
interface Arithmetic {
  readonly type: "Add" | "Sub" | "Mul" | "Div";
  readonly fn: "add" | "sub" | "mul" | "div";
  /** x op c as s*x + b; undefined when it has no such form. */
  readonly right: (c: number) => Affine | undefined;
  /** c op x. */
  readonly left: (c: number) => Affine | undefined;
}
type Affine = readonly [scale: number, bias: number];

/** Add and Mul of equal shapes are nodes that convolutions can end with. */
const ARITHMETIC: readonly Arithmetic[] = [
  { type: "Add", fn: "add", right: (c) => [1, c], left: (c) => [1, c] },
  { type: "Sub", fn: "sub", right: (c) => [1, -c], left: (c) => [-1, c] },
  { type: "Mul", fn: "mul", right: (c) => [c, 0], left: (c) => [c, 0] },
  {
    type: "Div",
    fn: "div",
    right: (c) => [1 / c, 0],
    left: () => undefined,
  },
];

function arithmetic(op: Arithmetic): OperatorImporter {
  return operator(op.type, (node) => {
    if (readsWhole(node)) {
      if (op.fn === "div") divideWhole(node);
      else combineWhole(node, op.fn);
      return;
    }
    const a = node.value(0);
    const b = node.value(1);
    if (b.kind === "constant") withConstant(node, op, node.tensor(0), b, "second");
    else if (a.kind === "constant") withConstant(node, op, node.tensor(1), a, "first");
    else if (op.type === "Mul") multiplyTensors(node);
    else combineTensors(node, op.fn, node.tensor(0), node.tensor(1));
  });
}

/** Two activations; a sum of equal shapes is what convolutions can end with. */
function combineTensors(node: NodeContext, fn: ElementwiseName, a: TensorValue, b: TensorValue): void {
  if (fn === "add" && sameShape(a.shape, b.shape)) {
    node.emit({ kind: "add", clamp: NO_CLAMP }, [a.name, b.name], a.shape);
  } else emitElementwise(node, fn, [a, b]);
}

/** x ** y: with one exponent for all it is a function of x. The exponents may be whole numbers. */
const pow = operator("Pow", (node) => {
  if (findWhole(node, 0) !== undefined) node.unsupported("of whole numbers: only powers of float32");
  const base = operandOf(node, 0);
  const exponent = exponentOf(node);
  const single = exponent.kind === "constant" && exponent.data.length === 1 ? exponent.data[0] : undefined;
  const spreads = exponent.shape.length > base.shape.length;
  if (base.kind === "constant" || single === undefined || spreads || !Number.isFinite(single)) {
    emitElementwise(node, "pow", [base, exponent]);
  } else if (single === 1) node.become(base);
  else node.emit(functionOp("power", single), [base.name], base.shape);
});

/** Known whole numbers are what they are as float32; those that are no float32 are refused. */
function exponentOf(node: NodeContext): Operand {
  const value = node.value(1);
  if (value.kind === "tensor") return value;
  if (value.kind !== "integers") return operandOf(node, 1);
  if (findInteger(value, (v) => Math.fround(v) !== v) !== undefined)
    node.unsupported("with exponents that are no float32");
  return { kind: "constant", name: value.name, shape: value.shape, data: new Float32Array(value.data) };
}

/** Mod of floats: only the remainder that has the sign of the first, as C's fmod. */
const mod = operator("Mod", (node, { fmod }) => {
  if (readsWhole(node)) {
    moduloWhole(node, fmod);
    return;
  }
  if (!fmod) node.unsupported("of float32 without fmod=1");
  emitElementwise(node, "mod", [operandOf(node, 0), operandOf(node, 1)]);
});

/** The largest or smallest of several: by a single constant it is a clamp. */
const EXTREMES = [
  ["Max", "max", "lo"],
  ["Min", "min", "hi"],
] as const;
const extremes = EXTREMES.map(([type, fn, bound]) =>
  operator(type, (node) => {
    if (node.inputCount > 1 && readsWhole(node)) {
      combineWhole(node, fn);
      return;
    }
    const a = node.value(0);
    const b = node.inputCount === 2 ? node.value(1) : undefined;
    if (node.inputCount === 1) node.become(a);
    else if (b?.kind === "constant" && isBound(b, node.tensor(0))) clampBy(node, node.tensor(0), b, bound);
    else if (b !== undefined && a.kind === "constant" && isBound(a, node.tensor(1)))
      clampBy(node, node.tensor(1), a, bound);
    else combineAll(node, fn);
  }),
);

function isBound(constant: ConstantValue, x: TensorValue): boolean {
  return (
    constant.data.length === 1 && constant.shape.length <= x.shape.length && Number.isFinite(constant.data[0])
  );
}

function clampBy(node: NodeContext, x: TensorValue, constant: ConstantValue, bound: "lo" | "hi"): void {
  node.emit({ kind: "clamp", clamp: { ...NO_CLAMP, [bound]: constant.data[0] } }, [x.name], x.shape);
}

const sum = operator("Sum", (node) => {
  if (node.inputCount === 1) node.become(node.value(0));
  else combineAll(node, "add");
});

const mean = operator("Mean", (node) => {
  const count = node.inputCount;
  if (count === 1) {
    node.become(node.value(0));
    return;
  }
  const all = foldLeft(node, "add", count, "sum");
  node.emit(functionOp("affine", 1 / count), [all.name], all.shape);
});

/** Any number of tensors, from the first to the last. */
function combineAll(node: NodeContext, fn: ElementwiseName): void {
  const before = node.inputCount === 2 ? operandOf(node, 0) : foldLeft(node, fn, node.inputCount - 1, "part");
  const last = operandOf(node, node.inputCount - 1);
  if (before.kind === "tensor" && last.kind === "tensor") combineTensors(node, fn, before, last);
  else emitElementwise(node, fn, [before, last]);
}

function foldLeft(node: NodeContext, fn: ElementwiseName, count: number, part: string): TensorValue {
  let all = operandOf(node, 0);
  for (let i = 1; i < count; i++) all = emitElementwise(node, fn, [all, operandOf(node, i)], part);
  return all.kind === "tensor" ? all : node.unsupported("of constants alone");
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
  const { base, scale } = gated;
  const { fn, alpha, beta } = gated.activation;
  const op = functionOp(fn, alpha, beta);
  // Rounding of the constants that an exporter split: within it, the factors cancel.
  if (Math.abs(scale - 1) < 1e-6) node.emit(op, [base], a.shape);
  else emitAffine(node, node.emitHelper("activation", op, [base], a.shape), () => [scale, 0]);
}

/** Equal shapes, or one value for each channel's map on either side. */
function multiplyElements(node: NodeContext, a: TensorValue, b: TensorValue): void {
  const op: NodeOp = { kind: "mul", residual: false, clamp: NO_CLAMP };
  if (sameShape(a.shape, b.shape) || isChannelMap(b, a)) node.emit(op, [a.name, b.name], a.shape);
  else if (isChannelMap(a, b)) node.emit(op, [b.name, a.name], b.shape);
  else emitElementwise(node, "mul", [a, b]);
}

function isChannelMap({ shape }: TensorValue, { shape: of }: TensorValue): boolean {
  return shape.length === of.length && shape.every((d, i) => d === (i < 2 ? of[i] : 1));
}

/**
 * One value per channel becomes the bias of the dense layer before, else a batch norm without statistics; one value for
 * everything that has no channels is a function; all else is spread as it is.
 */
function withConstant(
  node: NodeContext,
  { type, fn, left, right }: Arithmetic,
  x: TensorValue,
  c: ConstantValue,
  side: "first" | "second",
): void {
  if (!c.data.every(Number.isFinite)) {
    // no scale or bias of a convolution is infinite
    emitElementwise(node, fn, side === "first" ? [c, x] : [x, c]);
    return;
  }
  if (type === "Add" && addToProduct(node, x, c)) return;
  const affine = side === "first" ? left : right;
  const pairs = Array.from(c.data, (v) => affine(v));
  const alike = x.shape.length >= c.shape.length && pairs.every((pair) => pair !== undefined);
  const perChannel = alike && x.shape.length >= 2 ? channelValues(node, x.shape, c) : undefined;
  if (perChannel !== undefined) {
    if (type === "Add" && giveBiasToDense(node, x, perChannel)) return;
    emitAffine(node, x, (channel) => pairs[pairs.length === 1 ? 0 : channel] ?? [1, 0]);
  } else if (alike && pairs.length === 1) {
    const [alpha, beta] = pairs[0] ?? [1, 0];
    node.emit(functionOp("affine", alpha, beta), [x.name], x.shape);
  } else emitElementwise(node, fn, side === "first" ? [c, x] : [x, c]);
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

/** -x. */
const neg = operator("Neg", (node) => {
  if (readsWhole(node)) {
    mapWhole(node, "Neg");
    return;
  }
  const x = node.tensor(0);
  if (x.shape.length < 2) node.emit(functionOp("affine", -1), [x.name], x.shape);
  else emitAffine(node, x, () => [-1, 0]);
});

export const elementwiseOperators = [...ARITHMETIC.map(arithmetic), ...extremes, pow, mod, sum, mean, neg];
