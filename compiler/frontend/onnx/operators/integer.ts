import { becomeIntegers } from "../integers.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { DATA_TYPES, FLOAT32 } from "../schema.ts";
import { readTensor } from "../tensor-data.ts";
import { elementCount, type IntegersValue, shapeText } from "../value.ts";
import { normalAxis } from "./axis.ts";
import { gatherTensor } from "./gathering.ts";
import { slicedParts, sliceIndices, sliceTensor } from "./slicing.ts";

// Exporters compute shapes and pads with these; as our shapes are static, all of it is known while importing.

/** Cast between the integers of shape computations, or of float32 to itself. */
const cast = operator("Cast", (node, { to }) => {
  const x = node.value(0);
  const type = DATA_TYPES[to] ?? `number ${to}`;
  if (x.kind !== "integers") {
    if (to !== FLOAT32) node.unsupported(`of float32 to ${type}: only to float32`);
    node.become(x);
  } else if (type === "int64" || type === "int32") {
    becomeIntegers(node, type, x.shape, () => x.data);
  } else {
    node.unsupported(`of ${x.type} to ${type}: known integers can become int64 and int32 only`);
  }
});

/** Shape: shapes are static, so it is known. */
const shape = operator("Shape", (node, { start, end }) => {
  const x = node.value(0);
  const dims = x.kind === "constant" || x.kind === "integers" ? x.shape : node.tensor(0).shape;
  const data = dims.slice(start, end);
  becomeIntegers(node, "int64", [data.length], () => data);
});

/** Gather by known indices: of an activation, or of a list of known integers, as exporters pick one dimension of a shape. */
const gather = operator("Gather", (node, { axis }) => {
  const data = node.value(0);
  if (data.kind === "tensor" || data.kind === "padded") {
    gatherTensor(node, axis);
    return;
  }
  const indices = node.value(1);
  if (data.kind !== "integers" || indices.kind !== "integers" || data.shape.length !== 1) {
    return node.unsupported("only of shapes known before the network runs");
  }
  if (indices.type !== "int64" && indices.type !== "int32") node.invalid(`its indices are ${indices.type}`);
  normalAxis(node, axis, 1);
  becomeIntegers(node, data.type, indices.shape, () =>
    indices.data.map((i) => data.data.at(i) ?? node.invalid(`index ${i} of ${data.data.length}`)),
  );
});

/** Slice: attributes before opset 10, inputs from 10 on. Of activations, and of known integers along one axis. */
const slice = operator("Slice", (node, a) => {
  const { kind } = node.value(0);
  if (kind === "tensor" || kind === "padded") {
    sliceTensor(node, a);
    return;
  }
  const data = knownIntegers(node);
  const { starts, ends, axes, steps } = slicedParts(node, a);
  if (starts.length !== 1) node.unsupported("along more than one axis");
  const axis = normalAxis(node, axes[0], data.shape.length);
  const size = data.shape[axis] ?? node.invalid("it slices a scalar");
  if (steps[0] === 0) node.invalid("its step is 0");
  const picked = sliceIndices(size, starts[0], ends[0], steps[0]);
  const inner = elementCount(data.shape.slice(axis + 1));
  const outer = Array.from({ length: elementCount(data.shape.slice(0, axis)) }, (_, o) => o * size * inner);
  becomeIntegers(node, data.type, data.shape.with(axis, picked.length), () => {
    const rows = outer.flatMap((from) => picked.map((i) => from + i * inner));
    return rows.flatMap((from) => data.data.slice(from, from + inner));
  });
});

/** ConstantOfShape of integers. */
const constantOfShape = operator("ConstantOfShape", (node, { value }) => {
  const shape = node.integers(0, "shape") ?? [];
  const filler = value === undefined ? undefined : readTensor(value, node.outputName, node.state.baseDir);
  if (filler?.kind !== "integers") return node.unsupported("only of integers");
  const { type, data } = filler;
  if (data.length !== 1) node.invalid(`its value has ${data.length} elements`);
  if (shape.some((d) => d < 0)) node.invalid(`its shape is ${shapeText(shape)}`);
  becomeIntegers(node, type, shape, () => Array<number>(elementCount(shape)).fill(data[0]));
});

function knownIntegers(node: NodeContext): IntegersValue {
  const data = node.value(0);
  return data.kind === "integers" ? data : node.unsupported("only of shapes known before the network runs");
}

export const integerOperators = [cast, shape, gather, slice, constantOfShape] as const;
