import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { normalAxis } from "../operators/axis.ts";
import { elementCount } from "../value.ts";
import { give, known } from "./known.ts";
import { offsets, stridesOf } from "./walk.ts";

interface ReduceAttributes {
  readonly axes?: readonly number[] | undefined;
  readonly keepdims: boolean;
  readonly noop_with_empty_axes?: boolean;
}

type Reduction = (values: readonly number[]) => number;

const sum: Reduction = (v) => v.reduce((a, b) => a + b, 0);
const greatest: Reduction = (v) => v.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const squares: Reduction = (v) => v.reduce((a, b) => a + b * b, 0);
/** From the greatest on, so that no exponential overflows. */
const logSumExp: Reduction = (v) => {
  const most = greatest(v);
  return most + Math.log(sum(v.map((x) => Math.exp(x - most))));
};

const REDUCTIONS = [
  ["ReduceL1", (v: readonly number[]) => sum(v.map(Math.abs))],
  ["ReduceL2", (v: readonly number[]) => Math.sqrt(squares(v))],
  ["ReduceLogSum", (v: readonly number[]) => Math.log(sum(v))],
  ["ReduceLogSumExp", logSumExp],
  ["ReduceMax", greatest],
  ["ReduceMean", (v: readonly number[]) => sum(v) / v.length],
  ["ReduceMin", (v: readonly number[]) => -greatest(v.map((x) => -x))],
  ["ReduceProd", (v: readonly number[]) => v.reduce((a, b) => a * b, 1)],
  ["ReduceSum", sum],
  ["ReduceSumSquare", squares],
] as const;

/** Over some axes, or over all: axes are an attribute at first and an input later; see the signatures. */
function reduce(node: NodeContext, attributes: ReduceAttributes, f: Reduction): void {
  const x = known(node, 0);
  const { keepdims, noop_with_empty_axes: noop } = attributes;
  const given = attributes.axes ?? node.integers(1, "axes") ?? [];
  const rank = x.shape.length;
  if (given.length === 0 && noop) {
    give(node, x.type, x.shape, () => x.data);
    return;
  }
  const axes = new Set(given.length === 0 ? x.shape.keys() : given.map((a) => normalAxis(node, a, rank)));
  const kept = x.shape.map((d, i) => (axes.has(i) ? 1 : d));
  const strides = stridesOf(x.shape);
  const inner = offsets(
    x.shape.filter((_, i) => axes.has(i)),
    strides.filter((_, i) => axes.has(i)),
  );
  const shape = keepdims ? kept : kept.filter((_, i) => !axes.has(i));
  give(node, x.type, shape, () =>
    offsets(kept, strides).map((base) => f(Array.from(inner, (at) => x.data[base + at]))),
  );
}

const reductions = REDUCTIONS.map(([type, f]) =>
  operator(type, (node, attributes) => reduce(node, attributes, f)),
);

/** Sums along one axis so far, with or without the element itself, from either end. */
const cumSum = operator("CumSum", (node, { exclusive, reverse }) => {
  const x = known(node, 0);
  const at = node.integers(1, "axis", "alone") ?? [];
  const axis = normalAxis(node, at[0], x.shape.length);
  const length = x.shape[axis];
  const stride = elementCount(x.shape.slice(axis + 1));
  give(node, x.type, x.shape, () => {
    const sums = new Float64Array(x.data.length);
    for (const first of offsets(x.shape.with(axis, 1), stridesOf(x.shape))) {
      let sum = 0;
      for (let k = 0; k < length; k++) {
        const i = first + (reverse ? length - 1 - k : k) * stride;
        sums[i] = exclusive ? sum : sum + x.data[i];
        sum += x.data[i];
      }
    }
    return sums;
  });
});

export const knownReductions = [...reductions, cumSum];
