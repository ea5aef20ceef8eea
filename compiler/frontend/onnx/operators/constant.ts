import {
  float,
  int,
  optionalFloat,
  optionalFloats,
  optionalInt,
  optionalInts,
  optionalTensor,
} from "../attributes.ts";
import { operator } from "../operator.ts";
import { readTensor } from "../tensor-data.ts";

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

export const constantOperators = [constant, identity, dropout] as const;
