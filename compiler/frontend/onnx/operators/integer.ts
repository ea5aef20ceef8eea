import { isPortType, PORT_TYPES } from "../float-types.ts";
import { give } from "../known/known.ts";
import { operator } from "../operator.ts";
import { DATA_TYPES } from "../schema.ts";
import { elementCount, isKnown } from "../value.ts";

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
  const dims = isKnown(x) ? x.shape : node.tensor(0).shape;
  const data = dims.slice(start, end);
  give(node, "int64", [data.length], () => data);
});

/** How many elements: known as the shape is. */
const size = operator("Size", (node) => {
  const x = node.value(0);
  const count = elementCount(isKnown(x) ? x.shape : node.tensor(0).shape);
  give(node, "int64", [], () => [count]);
});

export const integerOperators = [cast, castLike, shape, size] as const;
