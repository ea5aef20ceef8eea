import { NO_CLAMP } from "../../../graph/graph.ts";
import { canReduce } from "../../../graph/merged-axes.ts";
import { REDUCTION_NAMES, type ReductionName, reductionOf } from "../../../ops/reductions.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import type { reductionSignatures } from "../signatures/reductions.ts";
import type { TensorValue } from "../value.ts";
import { normalAxis } from "./axis.ts";
import { emitElementwise } from "./broadcast.ts";

type ReductionType = Extract<keyof typeof reductionSignatures, `Reduce${string}`>;

interface ReductionAttributes {
  readonly axes: readonly number[] | undefined;
  readonly keepdims: boolean;
  readonly noop_with_empty_axes: boolean;
}

/** The axes reduced, ascending; axes are an attribute in older operator sets, an input in newer. Undefined: nothing is reduced. */
function reducedAxes(
  node: NodeContext,
  x: TensorValue,
  { axes, noop_with_empty_axes: noop }: ReductionAttributes,
): readonly number[] | undefined {
  const given = axes ?? node.integers(1, "axes") ?? [];
  if (given.length === 0) return noop ? undefined : x.shape.map((_, axis) => axis);
  const all = given.map((axis) => normalAxis(node, axis, x.shape.length)).sort((a, b) => a - b);
  if (new Set(all).size < all.length) node.invalid(`axes [${given.join(", ")}] name a dimension twice`);
  return all;
}

/** A reduction of x with the axes kept as 1, as a helper; axes in more than two places are brought together first. */
export function emitReduction(
  node: NodeContext,
  part: string,
  fn: ReductionName,
  x: TensorValue,
  axes: readonly number[],
): TensorValue {
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  if (fn === "mean" && axes.join() === "2,3" && x.shape.length === 4) {
    return node.emitHelper(part, { kind: "global-avg-pool" }, [x.name], shape);
  }
  if (canReduce(x.shape, axes)) return node.emitHelper(part, { kind: "reduce", fn, axes }, [x.name], shape);
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const perm = [...kept, ...axes];
  const turned = node.emitHelper(
    "turned",
    { kind: "transpose", perm },
    [x.name],
    perm.map((axis) => x.shape[axis]),
  );
  const last = perm.map((_, i) => i).slice(kept.length);
  const rows = kept.map((axis) => x.shape[axis]);
  const flat = node.emitHelper("joined", { kind: "reduce", fn, axes: last }, [turned.name], rows);
  return node.emitHelper(part, { kind: "reshape" }, [flat.name], shape);
}

/** The node's result: `reduced`, whose last helper is done in its own name where the shape allows. */
export function emitReduced(
  node: NodeContext,
  x: TensorValue,
  axes: readonly number[],
  keepdims: boolean,
  fn: ReductionName,
): void {
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const shape = keepdims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  const pooled = fn === "mean" && axes.join() === "2,3" && x.shape.length === 4;
  if (pooled && keepdims) node.emit({ kind: "global-avg-pool" }, [x.name], shape);
  else if (!pooled && canReduce(x.shape, axes)) node.emit({ kind: "reduce", fn, axes }, [x.name], shape);
  else node.emit({ kind: "reshape" }, [emitReduction(node, fn, fn, x, axes).name], shape);
}

const plain = REDUCTION_NAMES.map((fn) =>
  operator(reductionOf(fn).onnx as ReductionType, (node, attributes) => {
    const x = node.tensor(0);
    const { keepdims } = attributes;
    const axes = reducedAxes(node, x, attributes);
    if (axes === undefined || x.shape.length === 0) withoutAxes(node, x, fn);
    else emitReduced(node, x, axes, keepdims, fn);
  }),
);

/** Each element is reduced alone. */
function withoutAxes(node: NodeContext, x: TensorValue, fn: ReductionName): void {
  const { each = 0, ends } = reductionOf(fn);
  const alone = { alpha: 0, beta: 0 };
  if (fn === "l1" || fn === "l2") emitFunction(node, x, { fn: "abs", ...alone });
  else if (each === 2) emitFunction(node, x, { fn: "power", alpha: 2, beta: 0 });
  else if (ends === "log") emitFunction(node, x, { fn: "log", ...alone });
  else node.become(x);
}

function emitFunction(
  node: NodeContext,
  x: TensorValue,
  activation: { readonly fn: "abs" | "power" | "log"; readonly alpha: number; readonly beta: number },
): void {
  node.emit({ kind: "activation", activation, clamp: NO_CLAMP }, [x.name], x.shape);
}

/** log(sum(exp(x))): the greatest is taken off first, so that nothing overflows. */
const logSumExp = operator("ReduceLogSumExp", (node, attributes) => {
  const x = node.tensor(0);
  const { keepdims } = attributes;
  const axes = reducedAxes(node, x, attributes);
  if (axes === undefined || x.shape.length === 0) {
    node.become(x);
    return;
  }
  const top = emitReduction(node, "top", "max", x, axes);
  const off = emitElementwise(node, "sub", [x, top], "off");
  const activation = { fn: "exp", alpha: 0, beta: 0 } as const;
  const powers = node.emitHelper(
    "exp",
    { kind: "activation", activation, clamp: NO_CLAMP },
    [off.name],
    x.shape,
  );
  const logs = emitReduction(node, "log", "log-sum", powers, axes);
  const shape = keepdims ? top.shape : x.shape.filter((_, axis) => !axes.includes(axis));
  if (keepdims) {
    node.emit({ kind: "add", clamp: NO_CLAMP }, [logs.name, top.name], shape);
    return;
  }
  const sum = node.emitHelper("sum", { kind: "add", clamp: NO_CLAMP }, [logs.name, top.name], top.shape);
  node.emit({ kind: "reshape" }, [sum.name], shape);
});

export const reductionOperators = [...plain, logSumExp] as const;
