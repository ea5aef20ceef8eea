import type { NodeContext } from "../node-context.ts";
import { mover } from "../operator.ts";
import { refuseRows } from "../selected.ts";
import { emitAlong, isRun } from "./along.ts";
import { normalAxis } from "./axis.ts";

/** Attributes of Slice before opset 10. */
interface SliceAttributes {
  readonly starts?: readonly number[] | undefined;
  readonly ends?: readonly number[] | undefined;
  readonly axes?: readonly number[] | undefined;
}

/** What a Slice takes, each list as long as the others. */
export function slicedParts(node: NodeContext, given: SliceAttributes) {
  const starts = given.starts ?? node.integers(1, "starts") ?? [];
  const ends = given.ends ?? node.integers(2, "ends") ?? [];
  const axes = given.axes ?? node.integers(3, "axes") ?? starts.map((_, i) => i);
  const steps = node.integers(4, "steps") ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length))
    node.invalid("its inputs differ in length");
  return { starts, ends, axes, steps };
}

/**
 * Slice: attributes before opset 10, inputs from 10 on. One node for each axis of which not everything is taken, steps of H and W in
 * one.
 */
const slice = mover("Slice", (node, given) => {
  const x = node.tensor(0);
  const { starts, ends, axes, steps } = slicedParts(node, given);
  if (steps.includes(0)) node.invalid("its step is 0");
  if (new Set(axes.map((axis) => normalAxis(node, axis, x.shape.length))).size < axes.length) {
    node.unsupported(`axes [${axes.join(", ")}] name a dimension twice`);
  }
  const taken = starts.map((from, i) => {
    const axis = normalAxis(node, axes[i], x.shape.length);
    if (from < 0 || ends[i] < 0) refuseRows(node, 0, "a slice that counts from the end", axis);
    return { axis, at: sliceIndices(x.shape[axis], from, ends[i], steps[i]) };
  });
  const runs = taken.filter(({ axis, at }) => isRun(at) && at.length < x.shape[axis]);
  const others = taken.filter(({ at }) => !isRun(at));
  node.reserve(others.reduce((sum, { at }) => sum + at.length, 0));
  const parts = others.map(({ axis, at }) => ({ kind: "gather", axis, at }) as const);
  const last = others.length === 0 ? runs.at(-1) : undefined;
  const before = runs
    .filter((run) => run !== last)
    .reduce((from, { axis, at }) => {
      const op = { kind: "slice", axis, start: at[0] ?? 0 } as const;
      return node.emitHelper(`axis${axis}`, op, [from.name], from.shape.with(axis, at.length));
    }, x);
  if (last === undefined) {
    emitAlong(node, before, parts);
    return;
  }
  const { axis, at } = last;
  node.emit({ kind: "slice", axis, start: at[0] ?? 0 }, [before.name], before.shape.with(axis, at.length));
});

/** Indices as ONNX clamps them: bounds count from the end when negative and stop at the ends. */
export function sliceIndices(size: number, start: number, end: number, step: number): readonly number[] {
  const bound = (v: number, lo: number, hi: number): number =>
    Math.min(Math.max(v < 0 ? v + size : v, lo), hi);
  const indices: number[] = [];
  if (step > 0) {
    for (let i = bound(start, 0, size); i < bound(end, 0, size); i += step) indices.push(i);
  } else {
    for (let i = bound(start, 0, size - 1); i > bound(end, -1, size - 1); i += step) indices.push(i);
  }
  return indices;
}

/** Split: lengths are an attribute before opset 13, an input from 13 on; without, equal parts. */
const split = mover("Split", (node, { axis: given, split: lengthsThen, num_outputs: parts }) => {
  const x = node.tensor(0);
  const axis = normalAxis(node, given, x.shape.length);
  refuseRows(node, 0, "parts", axis);
  const size = x.shape[axis];
  const lengths = splitLengths(node, size, lengthsThen ?? node.integers(1, "split"), parts);
  let start = 0;
  lengths.forEach((length, i) => {
    if (node.outputNames[i] !== "") {
      node.emitResult(i, { kind: "slice", axis, start }, [x.name], x.shape.with(axis, length));
    }
    start += length;
  });
});

/** Lengths given, or as many equal parts as there are results; from opset 18 on the last may be smaller. */
export function splitLengths(
  node: NodeContext,
  size: number,
  listed: readonly number[] | undefined,
  parts: number | undefined,
): readonly number[] {
  const count = node.outputNames.length;
  if (listed !== undefined && parts !== undefined) node.invalid("it has both split and num_outputs");
  if (parts !== undefined && parts !== count)
    node.invalid(`num_outputs=${parts}, but it has ${count} results`);
  if (listed === undefined && node.opset < 18 && size % count !== 0) {
    node.invalid(`it splits ${size} into ${count} equal parts`);
  }
  const equal = Math.ceil(size / count);
  const lengths = listed ?? node.outputNames.map((_, i) => Math.min(equal, size - i * equal));
  const whole = lengths.reduce((sum, n) => sum + n, 0);
  if (lengths.length !== count || lengths.some((n) => n < 0) || whole !== size) {
    node.invalid(`it splits ${size} into [${lengths.join(", ")}] for ${count} results`);
  }
  return lengths;
}

export const slicingOperators = [slice, split] as const;
