import { operator } from "../operator.ts";
import { readTensor } from "../tensor-data.ts";
import { elementCount, isKnown, shapeText } from "../value.ts";
import { give, type Known, known } from "./known.ts";
import { offsets, stridesOf } from "./walk.ts";

// Values that are made from few others.

/** One value for all elements, float32 zero where none is given (opset 9). */
const constantOfShape = operator("ConstantOfShape", (node, { value }) => {
  const shape = node.integers(0, "shape") ?? [];
  if (shape.some((d) => d < 0)) node.invalid(`its shape is ${shapeText(shape)}`);
  const filler = value && readTensor(value, node.outputName, node.state.baseDir);
  if (filler !== undefined && !isKnown(filler)) return node.unsupported("its value");
  if (filler !== undefined && filler.data.length !== 1) {
    node.invalid(`its value has ${filler.data.length} elements`);
  }
  const type = filler === undefined || filler.kind === "constant" ? (filler?.type ?? "float32") : filler.type;
  const one = filler?.data[0] ?? 0;
  give(node, type, shape, () => new Float64Array(elementCount(shape)).fill(one));
});

/** start, start + delta, ... up to but without limit (opset 11). */
const range = operator("Range", (node) => {
  const [start, limit, delta] = [0, 1, 2].map((i): Known => known(node, i));
  if ([start, limit, delta].some(({ data, type }) => data.length !== 1 || type !== start.type)) {
    node.invalid("its inputs are no three scalars of one type");
  }
  const [from, to, step] = [start, limit, delta].map(({ data }) => data[0]);
  if (step === 0) node.invalid("its delta is 0");
  const count = Math.max(Math.ceil((to - from) / step), 0);
  if (!Number.isFinite(count)) node.unsupported(`from ${from} to ${to} in steps of ${step}`);
  give(node, start.type, [count], () => Float64Array.from({ length: count }, (_, i) => from + i * step));
});

/** Indices of the elements that are not 0: a column for each (opset 9). */
const nonZero = operator("NonZero", (node) => {
  const x = known(node, 0);
  const found = Array.from(x.data).flatMap((v, i) => (v === 0 ? [] : [i]));
  const strides = stridesOf(x.shape);
  give(node, "int64", [x.shape.length, found.length], () =>
    x.shape.flatMap((d, i) => found.map((at) => Math.floor(at / strides[i]) % d)),
  );
});

/** The triangle of each matrix on one side of diagonal k, zeros elsewhere (opset 14). */
const trilu = operator("Trilu", (node, { upper }) => {
  const x = known(node, 0);
  const [k = 0] = node.integers(1, "k", "alone") ?? [];
  const [rows, columns] = x.shape.slice(-2);
  if (x.shape.length < 2) node.invalid(`of shape ${shapeText(x.shape)}`);
  give(node, x.type, x.shape, () =>
    Float64Array.from(x.data, (v, i) => {
      const above = (i % columns) - (Math.floor(i / columns) % rows) - k;
      return (upper ? above >= 0 : above <= 0) ? v : 0;
    }),
  );
});

/** `values` off and on, the second at each index along a new axis; what lies outside is off everywhere (opset 9). */
const oneHot = operator("OneHot", (node, { axis: given }) => {
  const [indices, depth, values] = [0, 1, 2].map((i): Known => known(node, i));
  if (depth.data.length !== 1 || values.data.length !== 2)
    node.invalid("its depth or values have another length");
  const rank = indices.shape.length + 1;
  const axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis >= rank) node.invalid(`axis ${given} for ${rank} dimensions`);
  const size = Math.trunc(depth.data[0]);
  if (size < 0) node.invalid(`its depth is ${size}`);
  const shape = indices.shape.toSpliced(axis, 0, size);
  const strides = stridesOf(indices.shape).toSpliced(axis, 0, 0);
  const inner = elementCount(shape.slice(axis + 1));
  const [off, on] = [values.data[0], values.data[1]];
  give(node, values.type, shape, () =>
    offsets(shape, strides).map((at, i) => {
      const wanted = indices.data[at];
      return (wanted < 0 ? wanted + size : wanted) === Math.floor(i / inner) % size ? on : off;
    }),
  );
});

export const knownMakers = [constantOfShape, range, nonZero, trilu, oneHot] as const;
