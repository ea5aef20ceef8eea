import { isFloatType } from "../float-types.ts";
import { readConstant } from "../import-state.ts";
import { give } from "../known/known.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { DATA_TYPES } from "../schema.ts";
import { isIntegerType } from "../tensor-data.ts";
import { elementCount, isKnown, shapeText, typeOf } from "../value.ts";

/** Constant, with one of its float32 and integer attributes. */
const constant = operator("Constant", (node, { value, value_float, value_floats, value_int, value_ints }) => {
  const name = node.outputName;
  const given = [value, value_float, value_floats, value_int, value_ints].filter((v) => v !== undefined);
  if (given.length > 1) node.invalid("it has several values");
  const floats = value_floats ?? (value_float === undefined ? undefined : [value_float]);
  const integers = value_ints ?? (value_int === undefined ? undefined : [value_int]);
  if (value !== undefined) {
    node.become(readConstant(node.state, value, name));
  } else if (floats !== undefined) {
    const shape = value_floats === undefined ? [] : [floats.length];
    node.become({ kind: "constant", name, shape, data: Float32Array.from(floats) });
  } else if (integers !== undefined) {
    const shape = value_ints === undefined ? [] : [integers.length];
    node.become({ kind: "integers", type: "int64", name, shape, data: integers });
  } else {
    node.invalid("it has no value");
  }
});

const identity = operator("Identity", (node) => node.become(node.value(0)));

/** Dropout does nothing in inference, nor in training with a ratio of 0. */
const dropout = operator("Dropout", (node) => {
  const ratio = node.optional(1) === undefined ? 0.5 : node.number(1, "ratio");
  if (node.truth(2, "training_mode") && ratio !== 0) {
    node.unsupported("input training_mode is true: export the model for inference");
  }
  node.become(node.value(0));
  const mask = node.outputNames[1] ?? "";
  if ((node.state.uses.get(mask) ?? 0) > 0) keepAll(node, mask);
});

/** What a Dropout that drops nothing says it kept: truths from opset 10 on, ones before. */
function keepAll(node: NodeContext, name: string): void {
  const x = node.value(0);
  const shape = isKnown(x) ? x.shape : node.activation(0).shape;
  const count = elementCount(shape);
  node.reserve(count);
  const ones = new Float32Array(count).fill(1);
  if (node.opset < 10) node.becomeResult(1, { kind: "constant", name, shape, data: ones });
  else node.becomeResult(1, { kind: "integers", type: "bool", name, shape, data: Array.from(ones) });
}

/** EyeLike: ones on a diagonal of a matrix of a tensor's shape, which is known as it is. */
const eyeLike = operator("EyeLike", (node, { dtype, k }) => {
  const x = node.value(0);
  const { shape } = isKnown(x) ? x : node.activation(0);
  const [rows, columns] = shape;
  if (shape.length !== 2) node.invalid(`of shape ${shapeText(shape)}`);
  const own = typeOf(x);
  const type = dtype === undefined ? own : (DATA_TYPES[dtype] ?? `number ${dtype}`);
  if (!isFloatType(type) && !isIntegerType(type)) return node.unsupported(`of ${type}`);
  give(node, type, shape, () =>
    Float64Array.from({ length: rows * columns }, (_, i) =>
      Number((i % columns) - Math.floor(i / columns) === k),
    ),
  );
});

export const constantOperators = [constant, identity, dropout, eyeLike] as const;
