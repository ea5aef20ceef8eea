import {
  float,
  int,
  optionalFloat,
  optionalFloats,
  optionalInt,
  optionalInts,
  optionalTensor,
} from "../attributes.ts";
import { dataTypeUnsupported } from "../errors.ts";
import { operator } from "../operator.ts";
import { DATA_TYPES, FLOAT32 } from "../schema.ts";
import { readTensor } from "../tensor-data.ts";
import { normalAxis } from "./axis.ts";

/** Constant, opset 1 to 21, with any of its float32 and integer attributes. */
const constant = operator(
  "Constant",
  {
    value: optionalTensor(),
    value_float: optionalFloat(),
    value_floats: optionalFloats(),
    value_int: optionalInt(),
    value_ints: optionalInts(),
  },
  (node, a) => {
    const name = node.outputName;
    const floats = a.value_floats ?? (a.value_float === undefined ? undefined : [a.value_float]);
    const integers = a.value_ints ?? (a.value_int === undefined ? undefined : [a.value_int]);
    if (a.value !== undefined) {
      node.become(readTensor(a.value, name, node.state.baseDir));
    } else if (floats !== undefined) {
      const shape = a.value_floats === undefined ? [] : [floats.length];
      node.become({ kind: "constant", name, shape, data: Float32Array.from(floats) });
    } else if (integers !== undefined) {
      const shape = a.value_ints === undefined ? [] : [integers.length];
      node.become({ kind: "integers", name, shape, data: integers });
    } else {
      node.invalid("it has no value");
    }
  },
);

/** Identity, opset 1 to 21. */
const identity = operator("Identity", {}, (node) => node.become(node.value(0)));

/** Dropout does nothing in inference; opset 7 to 21. */
const dropout = operator("Dropout", { ratio: float(0.5), seed: int(0) }, (node) => {
  const training = node.integers(2, "training_mode")?.[0] ?? 0;
  if (training !== 0) node.unsupported("input training_mode is true: export the model for inference");
  node.become(node.value(0));
});

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

/** Slice of a list of known integers: attributes before opset 10, inputs from 10 on. */
const slice = operator(
  "Slice",
  { starts: optionalInts(), ends: optionalInts(), axes: optionalInts() },
  (node, a) => {
    const data = node.value(0);
    if (data.kind !== "integers" || data.shape.length !== 1) {
      return node.unsupported("only of shapes known before the network runs");
    }
    const start = (a.starts ?? node.integers(1, "starts"))?.[0] ?? 0;
    const end = (a.ends ?? node.integers(2, "ends"))?.[0] ?? data.data.length;
    if ((node.integers(4, "steps")?.[0] ?? 1) !== 1) node.unsupported("with steps other than 1");
    const picked = data.data.slice(start, end);
    node.become({ kind: "integers", name: node.outputName, shape: [picked.length], data: picked });
  },
);

export const constantOperators = [constant, identity, dropout, cast, shape, gather, slice] as const;
