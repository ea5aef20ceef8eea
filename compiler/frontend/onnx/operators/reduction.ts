import { NO_CLAMP, type NodeOp } from "../../../graph/graph.ts";
import { canReduce } from "../../../graph/merged-axes.ts";
import { REDUCTION_NAMES, type ReductionName, reductionOf } from "../../../ops/reduce/reductions.ts";
import { moving } from "../moving.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import type { reductionSignatures } from "../signatures/reductions.ts";
import { elementCount, type TensorValue, type Whole } from "../value.ts";
import { normalAxis } from "./axis.ts";
import { emitElementwise } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { summedRange } from "./whole-operand.ts";

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

/** The one node that reduces these axes, if there is one. */
function reduceOp(fn: ReductionName, x: TensorValue, axes: readonly number[]): NodeOp | undefined {
  const maps = fn === "mean" && axes.join() === "2,3" && x.shape.length === 4;
  if (maps) return { kind: "global-avg-pool" };
  return canReduce(x.shape, axes) ? { kind: "reduce", fn, axes } : undefined;
}

/** The shape with the axes as 1. */
function keptShape({ shape }: TensorValue, axes: readonly number[]): readonly number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

/** A reduction of x with the axes kept as 1, as a helper; axes in more than two places are brought together first. */
export function emitReduction(
  node: NodeContext,
  part: string,
  fn: ReductionName,
  x: TensorValue,
  axes: readonly number[],
): TensorValue {
  const shape = keptShape(x, axes);
  const op = reduceOp(fn, x, axes);
  if (op !== undefined) return node.emitHelper(part, op, [x.name], shape);
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

/** The same as the node's result, where the axes may be dropped. */
export function emitReduced(
  node: NodeContext,
  x: TensorValue,
  axes: readonly number[],
  keepdims: boolean,
  fn: ReductionName,
): void {
  const shape = keepdims ? keptShape(x, axes) : x.shape.filter((_, axis) => !axes.includes(axis));
  const op = reduceOp(fn, x, axes);
  // a pool keeps the map as one pixel
  if (op !== undefined && (keepdims || op.kind === "reduce")) node.emit(op, [x.name], shape);
  else node.emit({ kind: "reshape" }, [emitReduction(node, fn, fn, x, axes).name], shape);
}

const plain = REDUCTION_NAMES.map((fn) =>
  operator(reductionOf(fn).onnx as ReductionType, (context, attributes) => {
    const x = context.activation(0);
    const { keepdims } = attributes;
    const axes = reducedAxes(context, x, attributes);
    const node = x.whole === undefined ? context : moving(context, reducedWhole(context, fn, x, axes ?? []));
    if (axes === undefined || x.shape.length === 0) withoutAxes(node, x, fn);
    else emitReduced(node, x, axes, keepdims, fn);
  }),
);

/** What a reduction of whole numbers holds. */
function reducedWhole(node: NodeContext, fn: ReductionName, x: TensorValue, axes: readonly number[]): Whole {
  const whole = x.whole ?? node.invalid("it has no whole numbers");
  const count = elementCount(axes.map((axis) => x.shape[axis]));
  // of none it would be infinite, where ONNX gives the end of the type
  if (count === 0) node.unsupported(`of no elements of ${whole.type}`);
  if (fn === "max" || fn === "min") return whole;
  if (fn !== "sum") return node.unsupported(`of ${whole.type}: input \`${x.name}\` must be float32`);
  return summedRange(node, whole, count);
}

/** Each element is reduced alone. */
function withoutAxes(node: NodeContext, x: TensorValue, fn: ReductionName): void {
  const { each = 0, ends } = reductionOf(fn);
  const emit = (op: NodeOp): void => node.emit(op, [x.name], x.shape);
  if (fn === "l1" || fn === "l2") emit(functionOp("abs"));
  else if (each === 2) emit(functionOp("power", 2));
  else if (ends === "log") emit(functionOp("log"));
  else node.become(x);
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
  const powers = node.emitHelper("exp", functionOp("exp"), [off.name], x.shape);
  const logs = emitReduction(node, "log", "log-sum", powers, axes);
  const add = { kind: "add", clamp: NO_CLAMP } as const;
  const both = [logs.name, top.name];
  if (keepdims) {
    node.emit(add, both, top.shape);
    return;
  }
  const sum = node.emitHelper("sum", add, both, top.shape);
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  node.emit({ kind: "reshape" }, [sum.name], shape);
});

export const reductionOperators = [...plain, logSumExp] as const;
