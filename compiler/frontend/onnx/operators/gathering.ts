import { emitCheck } from "../checks.ts";
import { moving } from "../moving.ts";
import type { NodeContext } from "../node-context.ts";

import { operator } from "../operator.ts";
import { refuseRows, withAllRows } from "../selected.ts";
import {
  elementCount,
  type IntegersValue,
  isKnown,
  type KnownValue,
  type Rows,
  shapeText,
  type TensorValue,
  type Whole,
} from "../value.ts";
import { unsure, wholeKnown } from "../whole.ts";
import { emitAlong, helpAlong, isRun } from "./along.ts";
import { normalAxis, normalIndex } from "./axis.ts";
import { emitElementwise } from "./broadcast.ts";
import { wholeFloats } from "./constant-tensor.ts";
import { computesIndices, elementPlaces, flatIndices, indicesInto, listPlaces } from "./indices.ts";

/** Gather by known indices: they take the place of the axis, a scalar leaves none. */
const gather = operator("Gather", (node, { axis }) => {
  if (computesIndices(node, 1)) gatherComputed(node, axis);
  else gatherKnown(moving(node), axis);
});

function gatherKnown(node: NodeContext, given: number): void {
  const x = node.tensor(0);
  const axis = normalAxis(node, given, x.shape.length);
  refuseRows(node, 0, "known places", axis);
  const indices = knownIndices(node, 1, "indices");
  const at = Array.from(indices.data, (i) => normalIndex(node, i, x.shape[axis]));
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  if (indices.shape.length === 1) emitTaken(node, x, axis, at);
  else reshapeTo(node, helpTaken(node, x, axis, at), shape);
}

/** By indices that are computed, of an activation or of a table that is known. */
function gatherComputed(node: NodeContext, given: number): void {
  const value = node.value(0);
  const table = isKnown(value) ? knownTable(node, value) : undefined;
  const x = table ?? node.activation(0);
  const axis = normalAxis(node, given, x.shape.length);
  const at = indicesInto(node, 1, x.shape[axis]);
  const rows = node.state.rows.get(x.name);
  const from = rows?.axis === axis ? usedAt(node, x, rows, at) : x;
  const shape = [...x.shape.slice(0, axis), ...at.shape, ...x.shape.slice(axis + 1)];
  const op = { kind: "gather-at", axis, each: false, ...(table && { constant: true as const }) } as const;
  node.emit(op, [from.name, at.name], shape, chosen(x, at));
}

/** A tensor of which the indices choose rows that are used, which is checked: other rows are none, and the last one is not known. */
function usedAt(node: NodeContext, x: TensorValue, { used }: Rows, at: TensorValue): TensorValue {
  const index = node.value(1);
  if (index.kind === "tensor" && (index.whole?.lo ?? -1) < 0) {
    node.unsupported("from the end of rows that the network selects: how many is not known before it runs");
  }
  const op = { kind: "gather-at", axis: 0, each: false } as const;
  const held = node.emitHelper("used", op, [used, at.name], at.shape);
  // 1, or NaN for 0
  emitCheck(node, emitElementwise(node, "div", [held, held], "held"));
  return withAllRows(node, x);
}

/** Known numbers as a weight. */
function knownTable(node: NodeContext, value: KnownValue): TensorValue {
  const constant = value.kind === "constant" ? value : wholeFloats(node, value);
  const whole = value.kind === "constant" ? undefined : wholeKnown(value);
  return { kind: "tensor", name: node.use(constant), shape: value.shape, ...(whole && { whole }) };
}

/** What is chosen by indices of which some may be none. */
function chosen({ whole }: TensorValue, at: TensorValue): Whole | undefined {
  return whole && at.whole?.unsure ? unsure(whole) : whole;
}

/** GatherElements: each element from its place, but along the axis from where its index says. */
const gatherElements = operator("GatherElements", (node, { axis }) => {
  if (computesIndices(node, 1)) gatherElementsComputed(node, axis);
  else gatherElementsKnown(moving(node), axis);
});

/** What other axes have beyond the indices is left away first. */
function gatherElementsComputed(node: NodeContext, given: number): void {
  const whole = node.activation(0);
  const axis = normalAxis(node, given, whole.shape.length);
  const at = indicesInto(node, 1, whole.shape[axis]);
  checkElementIndices(node, at.shape, whole.shape, axis);
  const x = at.shape.reduce<TensorValue>((from, d, i) => {
    if (i === axis || d === from.shape[i]) return from;
    const op = { kind: "slice", axis: i, start: 0 } as const;
    return node.emitHelper(`part${i}`, op, [from.name], from.shape.with(i, d), from.whole);
  }, whole);
  node.emit({ kind: "gather-at", axis, each: true }, [x.name, at.name], at.shape, chosen(x, at));
}

function checkElementIndices(
  node: NodeContext,
  indices: readonly number[],
  shape: readonly number[],
  axis: number,
): void {
  if (indices.length !== shape.length || indices.some((d, i) => i !== axis && d > shape[i]))
    node.invalid(`indices of shape ${shapeText(indices)} for ${shapeText(shape)}`);
}

function gatherElementsKnown(node: NodeContext, given: number): void {
  refuseRows(node, 0, "known places");
  const x = node.tensor(0);
  const { shape } = x;
  const axis = normalAxis(node, given, shape.length);
  const indices = knownIndices(node, 1, "indices");
  checkElementIndices(node, indices.shape, shape, axis);
  const at = elementPlaces(node, indices, shape, axis);
  emitAnywhere(node, x, at, 1, indices.shape);
}

/** GatherND: each list along the last dimension of the indices is a place in the first dimensions behind the batch's. */
const gatherNd = operator("GatherND", (node, { batch_dims: batch }) => {
  if (computesIndices(node, 1)) gatherNdComputed(node, batch);
  else gatherNdKnown(moving(node), batch);
});

/** How many dimensions a list of indices stands for, and the shape of the lists. */
function listsOf(node: NodeContext, indices: readonly number[], shape: readonly number[], batch: number) {
  const depth = indices.at(-1) ?? node.invalid("its indices are a scalar");
  const lists = indices.slice(0, -1);
  const same = lists.slice(0, batch).every((d, i) => d === shape[i]);
  if (batch < 0 || batch > lists.length || batch + depth > shape.length || depth < 1 || !same)
    node.invalid(`batch_dims=${batch}, indices of shape ${shapeText(indices)} for ${shapeText(shape)}`);
  return { depth, lists };
}

function gatherNdComputed(node: NodeContext, batch: number): void {
  const x = node.activation(0);
  const { shape } = x;
  const { depth, lists } = listsOf(node, node.activation(1).shape, shape, batch);
  const at = flatIndices(node, 1, shape.slice(batch, batch + depth), shape.slice(0, batch));
  const inner = shape.slice(batch + depth);
  const run = elementCount(inner);
  const rows = node.emitHelper(
    "rows",
    { kind: "reshape" },
    [x.name],
    [elementCount(shape) / run, run],
    x.whole,
  );
  const whole = chosen(x, at);
  const op = { kind: "gather-at", axis: 0, each: false } as const;
  const taken = node.emitHelper("taken", op, [rows.name, at.name], [...lists, run], whole);
  node.emit({ kind: "reshape" }, [taken.name], [...lists, ...inner], whole);
}

function gatherNdKnown(node: NodeContext, batch: number): void {
  refuseRows(node, 0, "known places");
  const x = node.tensor(0);
  const { shape } = x;
  const indices = knownIndices(node, 1, "indices");
  const { depth, lists } = listsOf(node, indices.shape, shape, batch);
  const inner = shape.slice(batch + depth);
  const perBatch = elementCount(lists.slice(batch));
  const at = listPlaces(node, indices, shape.slice(batch, batch + depth), perBatch);
  emitAnywhere(node, x, at, elementCount(inner), [...lists, ...inner]);
}

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
export function emitTaken(node: NodeContext, x: TensorValue, axis: number, at: readonly number[]): void {
  if (!isRun(at)) {
    node.reserve(at.length);
    emitAlong(node, x, [{ kind: "gather", axis, at }]);
  } else if (at.length === x.shape[axis]) {
    node.become(x);
  } else {
    node.emit({ kind: "slice", axis, start: at[0] ?? 0 }, [x.name], x.shape.with(axis, at.length));
  }
}

/** The same, for a node that goes on from there. */
export function helpTaken(
  node: NodeContext,
  x: TensorValue,
  axis: number,
  at: readonly number[],
): TensorValue {
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

export function flattened(node: NodeContext, x: TensorValue): TensorValue {
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

export const gatheringOperators = [gather, gatherElements, gatherNd] as const;
