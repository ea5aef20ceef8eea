import { isFloatType } from "../float-types.ts";
import { convertKnown } from "../known/convert.ts";
import { give } from "../known/known.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { DATA_TYPES } from "../schema.ts";
import { isIntegerType } from "../tensor-data.ts";
import { elementCount, isKnown, type TensorValue, typeOf } from "../value.ts";
import { castToWhole } from "./cast-whole.ts";

// Exporters compute shapes and pads with these; as our shapes are static, all of it is known while importing.

const cast = operator("Cast", (node, { to }) => castTo(node, DATA_TYPES[to] ?? `number ${to}`));

/** As another tensor's type, which is known whatever it holds: so may be what is cast. */
const castLike = operator("CastLike", (node) => {
  const type = typeOf(node.value(1));
  if (isKnown(node.value(0))) convertKnown(node, type);
  else castTo(node, type);
});

/** Floats are all computed in float32, which holds each of at most 32 bits; whole numbers lie in it. */
function castTo(node: NodeContext, type: string): void {
  if (isIntegerType(type)) castToWhole(node, type);
  else if (isFloatType(type)) node.become(floats(node.activation(0)));
  else node.unsupported(`of an activation to ${type}: only to floats and whole numbers`);
}

/** The same numbers, no longer whole ones. */
function floats({ kind, name, shape }: TensorValue): TensorValue {
  return { kind, name, shape };
}

/** Shape: shapes are static, so it is known. */
const shape = operator("Shape", (node, { start, end }) => {
  const x = node.value(0);
  const dims = isKnown(x) ? x.shape : node.activation(0).shape;
  const data = dims.slice(start, end);
  give(node, "int64", [data.length], () => data);
});

/** How many elements: known as the shape is. */
const size = operator("Size", (node) => {
  const x = node.value(0);
  const count = elementCount(isKnown(x) ? x.shape : node.activation(0).shape);
  give(node, "int64", [], () => [count]);
});

export const integerOperators = [cast, castLike, shape, size] as const;
