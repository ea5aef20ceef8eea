import { int, optionalInt, optionalInts, optionalTensor } from "../attributes.ts";
import { dataTypeUnsupported } from "../errors.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { DATA_TYPES, FLOAT32 } from "../schema.ts";
import { readTensor } from "../tensor-data.ts";
import { elementCount, type IntegersValue } from "../value.ts";
import { normalAxis } from "./axis.ts";
import { sliceTensor } from "./slicing.ts";

// Exporters compute shapes and pads with these; as our shapes are static, all of it is known while importing.

/** Cast between the integers of shape computations, or of float32 to itself. */
const cast = operator("Cast", { to: int(FLOAT32), saturate: int(1) }, (node, { to }) => {
  const x = node.value(0);
  const type = DATA_TYPES[to] ?? `number ${to}`;
  const integer = type === "int64" || type === "int32";
  if ((x.kind === "integers") !== integer || (!integer && to !== FLOAT32)) {
    throw dataTypeUnsupported(node.where, type);
  }
  node.become(x);
});

/** Shape, opset 1 to 21: shapes are static, so it is known. */
const shape = operator("Shape", { start: int(0), end: optionalInt() }, (node, { start, end }) => {
  const x = node.value(0);
  const dims = x.kind === "constant" || x.kind === "integers" ? x.shape : node.tensor(0).shape;
  const data = dims.slice(start, end);
  node.become({ kind: "integers", name: node.outputName, shape: [data.length], data });
});

/** Gather on a list of known integers, as exporters pick one dimension of a shape. */
const gather = operator("Gather", { axis: int(0) }, (node, { axis }) => {
  const data = node.value(0);
  const indices = node.value(1);
  if (data.kind !== "integers" || indices.kind !== "integers" || data.shape.length !== 1) {
    return node.unsupported("only of shapes known before the network runs");
  }
  normalAxis(node, axis, 1);
  const picked = indices.data.map(
    (i) => data.data.at(i) ?? node.invalid(`index ${i} of ${data.data.length}`),
  );
  node.become({ kind: "integers", name: node.outputName, shape: indices.shape, data: picked });
});

/** Slice: attributes before opset 10, inputs from 10 on. Of known integers along one axis, of activations without steps. */
const slice = operator(
  "Slice",
  { starts: optionalInts(), ends: optionalInts(), axes: optionalInts() },
  (node, a) => {
    if (node.value(0).kind === "tensor") {
      sliceTensor(node, a);
      return;
    }
    const data = knownIntegers(node);
    const starts = a.starts ?? node.integers(1, "starts") ?? [];
    const ends = a.ends ?? node.integers(2, "ends") ?? [];
    const axes = a.axes ?? node.integers(3, "axes") ?? [0];
    if (starts.length !== 1 || ends.length !== 1) node.unsupported("along more than one axis");
    const axis = normalAxis(node, axes[0] ?? 0, data.shape.length);
    const size = data.shape[axis] ?? 1;
    const step = node.integers(4, "steps")?.[0] ?? 1;
    if (step === 0) node.invalid("its step is 0");
    const picked = sliceIndices(size, starts[0] ?? 0, ends[0] ?? size, step);
    const inner = elementCount(data.shape.slice(axis + 1));
    const outer = Array.from({ length: elementCount(data.shape.slice(0, axis)) }, (_, o) => o * size * inner);
    const rows = outer.flatMap((from) => picked.map((i) => from + i * inner));
    const values = rows.flatMap((from) => data.data.slice(from, from + inner));
    const shape = data.shape.with(axis, picked.length);
    node.become({ kind: "integers", name: node.outputName, shape, data: values });
  },
);

/** Indices as ONNX clamps them: bounds count from the end when negative and stop at the ends. */
function sliceIndices(size: number, start: number, end: number, step: number): readonly number[] {
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

/** ConstantOfShape of integers, opset 9 to 21. */
const constantOfShape = operator("ConstantOfShape", { value: optionalTensor() }, (node, { value }) => {
  const shape = node.integers(0, "shape") ?? [];
  const filler = value === undefined ? undefined : readTensor(value, node.outputName, node.state.baseDir);
  if (filler?.kind !== "integers") return node.unsupported("only of integers");
  if (shape.some((d) => d < 0) || elementCount(shape) > MAX_INTEGERS) node.unsupported("of so large a shape");
  const data = Array<number>(elementCount(shape)).fill(filler.data[0] ?? 0);
  node.become({ kind: "integers", name: node.outputName, shape, data });
});
const MAX_INTEGERS = 1000;

function knownIntegers(node: NodeContext): IntegersValue {
  const data = node.value(0);
  return data.kind === "integers" ? data : node.unsupported("only of shapes known before the network runs");
}

export const integerOperators = [cast, shape, gather, slice, constantOfShape] as const;
