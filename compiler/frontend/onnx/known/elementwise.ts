import { roundEven } from "../../../ir/functions.ts";
import { isFloatType } from "../float-types.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { elementCount } from "../value.ts";
import { allKnown, give, type Known, type KnownType, known } from "./known.ts";
import { broadcastShape, spread } from "./walk.ts";

// Operators on one or more known values, element by element. Numbers are doubles while they are computed.

/** `f` of the elements of several, spread to a common shape. */
export function combine(
  node: NodeContext,
  inputs: readonly Known[],
  type: KnownType,
  f: (...values: number[]) => number,
): void {
  const shape = broadcastShape(
    node,
    inputs.map((x) => x.shape),
  );
  // where each element comes from is listed for each input
  if (inputs.length > 2) node.reserve(elementCount(shape) * inputs.length);
  give(node, type, shape, () => {
    const orders = inputs.map((x) => spread(x.shape, shape));
    return orders[0].map((_, i) => f(...inputs.map((x, k) => x.data[orders[k][i]])));
  });
}

function sameType(node: NodeContext, inputs: readonly Known[]): KnownType {
  const [first] = inputs;
  const other = inputs.find(({ type }) => type !== first.type);
  return other === undefined ? first.type : node.invalid(`it combines ${first.type} and ${other.type}`);
}

const ARITHMETIC = [
  ["Add", (a: number, b: number) => a + b],
  ["Sub", (a: number, b: number) => a - b],
  ["Mul", (a: number, b: number) => a * b],
] as const;
const arithmetic = ARITHMETIC.map(([type, f]) =>
  operator(type, (node) => {
    const inputs = allKnown(node);
    combine(node, inputs, sameType(node, inputs), f);
  }),
);

/** Of integers it goes towards zero, as in C. */
const div = operator("Div", (node) => {
  const inputs = allKnown(node);
  const type = sameType(node, inputs);
  combine(node, inputs, type, isFloatType(type) ? (a, b) => a / b : (a, b) => Math.trunc(a / b));
});

/** The result is of the type of the base. */
const pow = operator("Pow", (node) => {
  const inputs = allKnown(node);
  combine(node, inputs, inputs[0].type, (a, b) => a ** b);
});

/** As Python's % for integers, as C's fmod where asked for, and always for floats. */
const mod = operator("Mod", (node, { fmod }) => {
  const inputs = allKnown(node);
  const type = sameType(node, inputs);
  if (isFloatType(type) && !fmod) node.invalid("of floats it needs fmod=1");
  combine(node, inputs, type, fmod ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b));
});

const ANY_NUMBER = [
  ["Max", (...v: number[]) => Math.max(...v)],
  ["Min", (...v: number[]) => Math.min(...v)],
  ["Sum", (...v: number[]) => v.reduce((a, b) => a + b, 0)],
  ["Mean", (...v: number[]) => v.reduce((a, b) => a + b, 0) / v.length],
] as const;
const anyNumber = ANY_NUMBER.map(([type, f]) =>
  operator(type, (node) => {
    const inputs = allKnown(node);
    combine(node, inputs, sameType(node, inputs), f);
  }),
);

const COMPARISONS = [
  ["Equal", (a: number, b: number) => a === b],
  ["Greater", (a: number, b: number) => a > b],
  ["GreaterOrEqual", (a: number, b: number) => a >= b],
  ["Less", (a: number, b: number) => a < b],
  ["LessOrEqual", (a: number, b: number) => a <= b],
  ["And", (a: number, b: number) => a !== 0 && b !== 0],
  ["Or", (a: number, b: number) => a !== 0 || b !== 0],
  ["Xor", (a: number, b: number) => (a !== 0) !== (b !== 0)],
] as const;
const comparisons = COMPARISONS.map(([type, f]) =>
  operator(type, (node) => {
    const inputs = allKnown(node);
    sameType(node, inputs);
    combine(node, inputs, "bool", (a, b) => Number(f(a, b)));
  }),
);

const not = operator("Not", (node) => combine(node, [known(node, 0)], "bool", (v) => Number(v === 0)));

const where = operator("Where", (node) => {
  const [condition, ...values] = allKnown(node);
  if (condition.type !== "bool") node.invalid(`its condition is ${condition.type}`);
  combine(node, [condition, ...values], sameType(node, values), (c, a, b) => (c === 0 ? b : a));
});

const UNARY = [
  ["Abs", Math.abs],
  ["Acos", Math.acos],
  ["Acosh", Math.acosh],
  ["Asin", Math.asin],
  ["Asinh", Math.asinh],
  ["Atan", Math.atan],
  ["Atanh", Math.atanh],
  ["Ceil", Math.ceil],
  ["Cos", Math.cos],
  ["Cosh", Math.cosh],
  ["Exp", Math.exp],
  ["Floor", Math.floor],
  ["Log", Math.log],
  ["Neg", (v: number) => -v],
  ["Reciprocal", (v: number) => 1 / v],
  ["Relu", (v: number) => (v < 0 ? 0 : v)],
  ["Round", roundEven],
  ["Sigmoid", (v: number) => 1 / (1 + Math.exp(-v))],
  ["Sign", Math.sign],
  ["Sin", Math.sin],
  ["Sinh", Math.sinh],
  ["Sqrt", Math.sqrt],
  ["Tan", Math.tan],
  ["Tanh", Math.tanh],
] as const;
const unary = UNARY.map(([type, f]) =>
  operator(type, (node) => {
    const x = known(node, 0);
    combine(node, [x], x.type, f);
  }),
);

/** Bounds are attributes before opset 11, inputs of the value's type from 11 on; an absent bound does not bound. */
const clip = operator("Clip", (node, { min, max }) => {
  const x = known(node, 0);
  const bound = (i: number, given: number | undefined, none: number): number => {
    if (node.optional(i) === undefined) return given ?? none;
    const { type, data } = known(node, i);
    if (type !== x.type || data.length !== 1)
      node.invalid(`its bound has ${data.length} elements of ${type}`);
    return data[0];
  };
  const lo = bound(1, min, Number.NEGATIVE_INFINITY);
  const hi = bound(2, max, Number.POSITIVE_INFINITY);
  combine(node, [x], x.type, (v) => Math.min(Math.max(v, lo), hi));
});

export const knownElementwise = [
  ...arithmetic,
  ...[div, pow, mod, not, where, clip],
  ...anyNumber,
  ...comparisons,
  ...unary,
];
