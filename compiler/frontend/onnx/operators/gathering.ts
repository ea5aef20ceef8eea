import { stridesOf } from "../known/walk.ts";
import type { NodeContext } from "../node-context.ts";
import { mover } from "../operator.ts";
import { elementCount, type IntegersValue, shapeText, type TensorValue } from "../value.ts";
import { emitAlong, helpAlong, isRun } from "./along.ts";
import { normalAxis, normalIndex } from "./axis.ts";

/** Gather by known indices: they take the place of the axis, a scalar leaves none. */
const gather = mover("Gather", (node, { axis: given }) => {
  const x = node.tensor(0);
  const axis = normalAxis(node, given, x.shape.length);
  const indices = knownIndices(node, 1, "indices");
  const at = indices.data.map((i) => normalIndex(node, i, x.shape[axis]));
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  if (indices.shape.length === 1) emitTaken(node, x, axis, at);
  else reshapeTo(node, helpTaken(node, x, axis, at), shape);
});

/** Compress: elements along an axis, or of the tensor as one list, of which a known condition holds. */
const compress = mover("Compress", (node, { axis: given }) => {
  const x = node.tensor(0);
  const condition = node.value(1);
  if (condition.kind !== "integers")
    return node.unsupported("its condition must be known before the network runs");
  if (condition.type !== "bool" || condition.shape.length !== 1)
    node.invalid(`its condition is ${condition.type} of shape ${shapeText(condition.shape)}`);
  const from = given === undefined ? flattened(node, x) : x;
  const axis = given === undefined ? 0 : normalAxis(node, given, x.shape.length);
  if (condition.data.length > from.shape[axis])
    node.invalid(`its condition has ${condition.data.length} elements for ${from.shape[axis]}`);
  emitTaken(
    node,
    from,
    axis,
    condition.data.flatMap((holds, i) => (holds === 0 ? [] : [i])),
  );
});

/** GatherElements: each element from its place, but along the axis from where its index says. */
const gatherElements = mover("GatherElements", (node, { axis: given }) => {
  const x = node.tensor(0);
  const { shape } = x;
  const axis = normalAxis(node, given, shape.length);
  const indices = knownIndices(node, 1, "indices");
  if (indices.shape.length !== shape.length || indices.shape.some((d, i) => i !== axis && d > shape[i]))
    node.invalid(`indices of shape ${shapeText(indices.shape)} for ${shapeText(shape)}`);
  const strides = stridesOf(shape);
  const own = stridesOf(indices.shape);
  const at = indices.data.map((index, flat) =>
    shape.reduce((sum, extent, d) => {
      const place = Math.floor(flat / own[d]) % indices.shape[d];
      return sum + strides[d] * (d === axis ? normalIndex(node, index, extent) : place);
    }, 0),
  );
  emitAnywhere(node, x, at, 1, indices.shape);
});

/** GatherND: each list along the last dimension of the indices is a place in the first dimensions behind the batch's. */
const gatherNd = mover("GatherND", (node, { batch_dims: batch }) => {
  const x = node.tensor(0);
  const { shape } = x;
  const indices = knownIndices(node, 1, "indices");
  const depth = indices.shape.at(-1) ?? node.invalid("its indices are a scalar");
  const lists = indices.shape.slice(0, -1);
  const same = lists.slice(0, batch).every((d, i) => d === shape[i]);
  if (batch < 0 || batch > lists.length || batch + depth > shape.length || depth < 1 || !same)
    node.invalid(`batch_dims=${batch}, indices of shape ${shapeText(indices.shape)} for ${shapeText(shape)}`);
  const inner = shape.slice(batch + depth);
  const strides = stridesOf(shape.slice(batch, batch + depth));
  const perBatch = elementCount(lists.slice(batch));
  const at = Array.from({ length: elementCount(lists) }, (_, i) =>
    strides.reduce(
      (sum, stride, d) => sum + stride * normalIndex(node, indices.data[i * depth + d], shape[batch + d]),
      Math.floor(i / perBatch) * elementCount(shape.slice(batch, batch + depth)),
    ),
  );
  emitAnywhere(node, x, at, elementCount(inner), [...lists, ...inner]);
});

/** Elements, or runs of so many, from anywhere in a tensor. */
function emitAnywhere(
  node: NodeContext,
  x: TensorValue,
  at: readonly number[],
  run: number,
  shape: readonly number[],
): void {
  const rows = [elementCount(x.shape) / run, run];
  const from = node.emitHelper("rows", { kind: "reshape" }, [x.name], rows);
  reshapeTo(node, helpTaken(node, from, 0, at), shape);
}

/** Elements along an axis: all of them in order are the tensor, a run is a slice. */
function emitTaken(node: NodeContext, x: TensorValue, axis: number, at: readonly number[]): void {
  if (!isRun(at)) {
    node.reserve(at.length);
    emitAlong(node, x, [{ kind: "gather", axis, at }]);
  } else if (at.length === x.shape[axis]) {
    node.become(x);
  } else {
    node.emit({ kind: "slice", axis, start: at[0] ?? 0 }, [x.name], x.shape.with(axis, at.length));
  }
}

function helpTaken(node: NodeContext, x: TensorValue, axis: number, at: readonly number[]): TensorValue {
  if (!isRun(at)) {
    node.reserve(at.length);
    return helpAlong(node, x, [{ kind: "gather", axis, at }]);
  }
  if (at.length === x.shape[axis]) return x;
  const shape = x.shape.with(axis, at.length);
  return node.emitHelper("taken", { kind: "slice", axis, start: at[0] ?? 0 }, [x.name], shape);
}

function reshapeTo(node: NodeContext, x: TensorValue, shape: readonly number[]): void {
  node.emit({ kind: "reshape" }, [x.name], shape);
}

function flattened(node: NodeContext, x: TensorValue): TensorValue {
  if (x.shape.length === 1) return x;
  return node.emitHelper("flat", { kind: "reshape" }, [x.name], [elementCount(x.shape)]);
}

function knownIndices(node: NodeContext, i: number, what: string): IntegersValue {
  const v = node.value(i);
  if (v.kind !== "integers")
    return node.unsupported(`its ${what} \`${v.name}\` must be known before the network runs`);
  if (v.type !== "int64" && v.type !== "int32") node.invalid(`its ${what} are ${v.type}`);
  return v;
}

export const gatheringOperators = [compress, gather, gatherElements, gatherNd] as const;
