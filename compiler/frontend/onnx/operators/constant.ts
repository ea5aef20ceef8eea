import { readConstant } from "../import-state.ts";
import { operator } from "../operator.ts";

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
});

export const constantOperators = [constant, identity, dropout] as const;
