import { emitCheck } from "../checks.ts";
import { offsets, stridesOf } from "../known/walk.ts";
import type { NodeContext } from "../node-context.ts";
import { elementCount, type IntegersValue, type TensorValue } from "../value.ts";
import { EXACT, placesOf, unsure } from "../whole.ts";
import { normalIndex } from "./axis.ts";
import { emitElementwise } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { emitReduction } from "./reduction.ts";

// Indices that are computed while the network runs: counted from the front, and NaN, the end of the run, where there is no such
// element.

/** Whether an input holds indices that are not known before the network runs. */
export function computesIndices(node: NodeContext, i: number): boolean {
  const value = node.value(i);
  return value.kind === "tensor" && value.whole !== undefined;
}

/** Input i, known or not, as an activation of whole numbers. */
function indicesOf(node: NodeContext, i: number): TensorValue {
  const indices = node.activation(i);
  const type = indices.whole?.type;
  return type === "int64" || type === "int32"
    ? indices
    : node.invalid(`its indices \`${indices.name}\` are ${type ?? "float32"}`);
}

/** Input i as indices of `size` elements. */
export function indicesInto(node: NodeContext, i: number, size: number): TensorValue {
  const value = node.value(i);
  if (value.kind === "integers") {
    checkSize(node, size);
    const at = Array.from(value.data, (index) => normalIndex(node, index, size));
    return knownTensor(node, value.shape, at, size);
  }
  const indices = indicesOf(node, i);
  const { whole } = indices;
  checkSize(node, size);
  if (whole !== undefined && whole.lo >= 0 && whole.hi < size) {
    if (whole.unsure) emitCheck(node, indices);
    return indices;
  }
  return within(node, indices, [], [size]);
}

/** Known indices of `size` elements, counted from the front, as an activation: the file's own name stands for those that are not. */
function knownTensor(
  node: NodeContext,
  shape: readonly number[],
  at: readonly number[],
  size: number,
): TensorValue {
  const known = node.weight("indices", shape, Float32Array.from(at));
  return node.emitHelper("constant", { kind: "constant" }, [known], shape, placesOf(size));
}

function checkSize(node: NodeContext, size: number): void {
  if (size > EXACT) node.unsupported(`of ${size} elements, more than ${EXACT} that indices tell apart`);
}

/** Indices along the last dimension, one after another of so many elements each. */
function within(
  node: NodeContext,
  indices: TensorValue,
  shape: readonly number[],
  sizes: readonly number[],
): TensorValue {
  const { whole } = indices;
  const least = Math.min(...sizes);
  const sure = whole !== undefined && !whole.unsure && whole.lo >= -least && whole.hi < least;
  const inside = placesOf(Math.max(...sizes));
  const size = { kind: "constant", name: node.outputName, shape, data: Float32Array.from(sizes) } as const;
  const operand = { ...size, name: node.weight("sizes", shape, size.data) };
  const ending = { whole: sure ? inside : unsure(inside) };
  const place = { ...emitElementwise(node, "index", [indices, operand], "place", ending), ...ending };
  if (!sure) {
    // what is no number is no place either
    node.state.checked.add(indices.name);
    emitCheck(node, place);
  }
  return place;
}

/**
 * Input i, whose last dimension are places in the dimensions `extents`, as indices of what these are together: `batch` are dimensions
 * before, which each list shares with its place among the lists.
 */
export function flatIndices(
  node: NodeContext,
  i: number,
  extents: readonly number[],
  batch: readonly number[],
): TensorValue {
  const size = elementCount(extents);
  checkSize(node, size * elementCount(batch));
  const value = node.value(i);
  if (value.kind === "integers" && batch.length === 0) {
    return knownTensor(node, value.shape.slice(0, -1), listPlaces(node, value, extents), size);
  }
  const indices = indicesOf(node, i);
  const depth = extents.length;
  const lists = indices.shape.slice(0, -1);
  const places = within(node, indices, [depth], extents);
  const strides = extents.map((_, d) => elementCount(extents.slice(d + 1)));
  const one = placesOf(size * elementCount(batch));
  const whole = places.whole?.unsure ? unsure(one) : one;
  const steps = constantOf(node, "strides", [depth], strides);
  const scaled = depth === 1 ? places : emitElementwise(node, "mul", [places, steps], "scaled");
  const summed = depth === 1 ? scaled : emitReduction(node, "flat", "sum", scaled, [lists.length]);
  const flat = node.emitHelper("list", { kind: "reshape" }, [summed.name], lists, whole);
  if (batch.length === 0) return flat;
  const perBatch = elementCount(lists.slice(batch.length));
  const offsets = Array.from({ length: elementCount(lists) }, (_, at) => Math.floor(at / perBatch) * size);
  return emitElementwise(node, "add", [flat, constantOf(node, "batches", lists, offsets)], "index", {
    whole,
  });
}

/**
 * Which elements of dimensions `extents` together known lists along the last dimension of their tensor name; so many lists at a time, if
 * not all, those of the next such elements.
 */
export function listPlaces(
  node: NodeContext,
  { data, shape }: IntegersValue,
  extents: readonly number[],
  perBatch = Number.POSITIVE_INFINITY,
): readonly number[] {
  const strides = stridesOf(extents);
  const [depth, size] = [extents.length, elementCount(extents)];
  return Array.from({ length: elementCount(shape.slice(0, -1)) }, (_, i) =>
    strides.reduce(
      (sum, stride, d) => sum + stride * normalIndex(node, data[i * depth + d], extents[d]),
      Math.floor(i / perBatch) * size,
    ),
  );
}

/** Which elements known indices name that each stand for their own place, but along an axis. */
export function elementPlaces(
  node: NodeContext,
  { data, shape }: IntegersValue,
  extents: readonly number[],
  axis: number,
): readonly number[] {
  const strides = stridesOf(extents);
  return Array.from(
    offsets(shape, strides.with(axis, 0)),
    (base, i) => base + normalIndex(node, data[i], extents[axis]) * strides[axis],
  );
}

function constantOf(node: NodeContext, part: string, shape: readonly number[], values: readonly number[]) {
  const data = Float32Array.from(values);
  return { kind: "constant", name: node.weight(part, shape, data), shape, data } as const;
}

/** Truncated, where floats stand for indices. */
export function asWhole(node: NodeContext, x: TensorValue): TensorValue {
  if (x.whole !== undefined) return x;
  const whole = unsure({ type: "int64", lo: -EXACT, hi: EXACT });
  return node.emitHelper("whole", functionOp("whole", -EXACT, EXACT), [x.name], x.shape, whole);
}
