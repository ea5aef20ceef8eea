import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { normalAxis, normalIndex } from "../operators/axis.ts";
import { slicedParts, sliceIndices } from "../operators/slicing.ts";
import { elementCount, shapeText } from "../value.ts";
import { give, type Known, known, pick } from "./known.ts";
import { offsets, stridesOf } from "./walk.ts";

// Elements of known values, by known indices.

function indicesOf(node: NodeContext, i: number): Known {
  const indices = known(node, i);
  if (indices.type !== "int64" && indices.type !== "int32") node.invalid(`its indices are ${indices.type}`);
  return indices;
}

/** Slices along `axis` in the order of the indices, which may have any shape. */
const gather = operator("Gather", (node, { axis: given }) => {
  const x = known(node, 0);
  const indices = indicesOf(node, 1);
  const axis = normalAxis(node, given, x.shape.length);
  const size = x.shape[axis] ?? node.invalid("it gathers from a scalar");
  const strides = stridesOf(x.shape);
  const outer = x.shape.slice(0, axis);
  const inner = x.shape.slice(axis + 1);
  pick(node, x, [...outer, ...indices.shape, ...inner], () => {
    const rows = Array.from(indices.data, (v) => normalIndex(node, v, size) * strides[axis]);
    const within = offsets(inner, strides.slice(axis + 1));
    const order = new Float64Array(elementCount(outer) * rows.length * within.length);
    let at = 0;
    for (const base of offsets(outer, strides)) {
      for (const row of rows) for (const i of within) order[at++] = base + row + i;
    }
    return order;
  });
});

const gatherElements = operator("GatherElements", (node, { axis: given }) => {
  const x = known(node, 0);
  const indices = indicesOf(node, 1);
  const axis = normalAxis(node, given, x.shape.length);
  const fits = indices.shape.length === x.shape.length;
  if (!fits || indices.shape.some((d, i) => i !== axis && d > x.shape[i])) {
    node.invalid(`its indices have shape ${shapeText(indices.shape)}, its data ${shapeText(x.shape)}`);
  }
  const strides = stridesOf(x.shape);
  const others = strides.with(axis, 0);
  pick(node, x, indices.shape, () =>
    offsets(indices.shape, others).map(
      (base, i) => base + normalIndex(node, indices.data[i], x.shape[axis]) * strides[axis],
    ),
  );
});

/** Slice: attributes before opset 10, inputs from 10 on; along any axes, in steps of either sign. */
const slice = operator("Slice", (node, attributes) => {
  const x = known(node, 0);
  const { starts, ends, axes, steps } = slicedParts(node, attributes);
  const picked = x.shape.map((d) => Array.from({ length: d }, (_, i) => i));
  const named = axes.map((axis) => normalAxis(node, axis, x.shape.length));
  if (new Set(named).size < named.length)
    node.unsupported(`axes [${axes.join(", ")}] name a dimension twice`);
  named.forEach((axis, i) => {
    const size = x.shape[axis] ?? node.invalid("it slices a scalar");
    if (steps[i] === 0) node.invalid("its step is 0");
    picked[axis] = [...sliceIndices(size, starts[i], ends[i], steps[i])];
  });
  const strides = stridesOf(x.shape);
  pick(
    node,
    x,
    picked.map((indices) => indices.length),
    () =>
      picked.reduce(
        (found, indices, i) =>
          Float64Array.from(
            { length: found.length * indices.length },
            (_, at) => found[Math.floor(at / indices.length)] + indices[at % indices.length] * strides[i],
          ),
        Float64Array.of(0),
      ),
  );
});

/** Places that the rows of `indices` name among the first dimensions of `shape`: their offsets, and what each row covers. */
function places(
  node: NodeContext,
  shape: readonly number[],
  indices: Known,
): { readonly starts: readonly number[]; readonly inner: readonly number[] } {
  const depth = indices.shape.at(-1) ?? node.invalid("its indices are a scalar");
  if (depth > shape.length) node.invalid(`its indices name ${depth} of ${shape.length} dimensions`);
  const strides = stridesOf(shape);
  const starts = Array.from({ length: elementCount(indices.shape.slice(0, -1)) }, (_, row) => {
    let at = 0;
    for (let i = 0; i < depth; i++)
      at += normalIndex(node, indices.data[row * depth + i], shape[i]) * strides[i];
    return at;
  });
  return { starts, inner: shape.slice(depth) };
}

/** Without batch dimensions. */
const gatherNd = operator("GatherND", (node, { batch_dims }) => {
  if (batch_dims !== 0) node.unsupported(`batch_dims=${batch_dims}`);
  const x = known(node, 0);
  const indices = indicesOf(node, 1);
  const { starts, inner } = places(node, x.shape, indices);
  const length = elementCount(inner);
  pick(node, x, [...indices.shape.slice(0, -1), ...inner], () =>
    Float64Array.from(
      { length: starts.length * length },
      (_, i) => starts[Math.floor(i / length)] + (i % length),
    ),
  );
});

/** The first input with slices of `updates` in place of some of its own, or combined with them (opset 16, 18). */
const scatterNd = operator("ScatterND", (node, { reduction }) => {
  const x = known(node, 0);
  const indices = indicesOf(node, 1);
  const updates = known(node, 2);
  const { starts, inner } = places(node, x.shape, indices);
  const shape = [...indices.shape.slice(0, -1), ...inner];
  if (updates.type !== x.type || String(updates.shape) !== String(shape)) {
    node.invalid(
      `its updates are ${updates.type} of shape ${shapeText(updates.shape)}, not ${shapeText(shape)}`,
    );
  }
  const f = COMBINED[reduction];
  const length = elementCount(inner);
  give(node, x.type, x.shape, () => {
    const made = Float64Array.from(x.data);
    starts.forEach((start, row) => {
      for (let i = 0; i < length; i++) made[start + i] = f(made[start + i], updates.data[row * length + i]);
    });
    return made;
  });
});
const COMBINED = {
  none: (_: number, b: number) => b,
  add: (a: number, b: number) => a + b,
  mul: (a: number, b: number) => a * b,
  max: Math.max,
  min: Math.min,
} as const;

export const knownPicks = [gather, gatherElements, slice, gatherNd, scatterNd] as const;
