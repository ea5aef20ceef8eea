import { isPortType, PORT_TYPES } from "../float-types.ts";
import { becomeIntegers } from "../integers.ts";
import { operator } from "../operator.ts";
import { DATA_TYPES } from "../schema.ts";
import { readTensor } from "../tensor-data.ts";
import { elementCount, isKnown, shapeText } from "../value.ts";

// Exporters compute shapes and pads with these; as our shapes are static, all of it is known while importing.

/** Cast of an activation to a float of at most 32 bits: all are computed in float32, which holds each of them. */
const cast = operator("Cast", (node, { to }) => {
  const type = DATA_TYPES[to] ?? `number ${to}`;
  if (!isPortType(type)) node.unsupported(`of an activation to ${type}: only to ${PORT_TYPES.join(", ")}`);
  node.become(node.value(0));
});

/** Activations are all of one type; what is no float is known. */
const castLike = operator("CastLike", (node) => {
  const like = node.value(1);
  if (like.kind === "integers")
    node.unsupported(`of an activation to ${like.type}: only to ${PORT_TYPES.join(", ")}`);
  if (like.kind === "constant" && like.type === "float64") node.unsupported("of an activation to float64");
  node.become(node.value(0));
});

/** Shape: shapes are static, so it is known. */
const shape = operator("Shape", (node, { start, end }) => {
  const x = node.value(0);
  const dims = x.kind === "constant" || x.kind === "integers" ? x.shape : node.tensor(0).shape;
  const data = dims.slice(start, end);
  becomeIntegers(node, "int64", [data.length], () => data);
});

/** How many elements: known as the shape is. */
const size = operator("Size", (node) => {
  const x = node.value(0);
  const count = elementCount(isKnown(x) ? x.shape : node.tensor(0).shape);
  becomeIntegers(node, "int64", [], () => [count]);
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

export const integerOperators = [cast, castLike, shape, size, constantOfShape] as const;
