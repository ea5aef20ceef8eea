import { isFloatType } from "../float-types.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { DATA_TYPES } from "../schema.ts";
import { isIntegerType } from "../tensor-data.ts";
import { give, type Known, type KnownType, known } from "./known.ts";

/** Cast (opset 6 on) and CastLike between types that known values have. */
const cast = operator("Cast", (node, { to }) => convertKnown(node, DATA_TYPES[to] ?? `number ${to}`));
const castLike = operator("CastLike", (node) => convertKnown(node, known(node, 1).type));

/** Input 0, which is known, in another type. */
export function convertKnown(node: NodeContext, to: string): void {
  const x = known(node, 0);
  if (isFloatType(to) || isIntegerType(to)) give(node, to, x.shape, () => converted(x, to));
  else node.unsupported(`of ${x.type} to ${to}`);
}

/** To integers towards zero, to bool by whether it is 0. */
function converted({ type, data }: Known, to: KnownType): ArrayLike<number> {
  if (to === "bool") return Float64Array.from(data, (v) => Number(v !== 0));
  return isFloatType(type) && !isFloatType(to) ? Float64Array.from(data, Math.trunc) : data;
}

export const knownConversions = [cast, castLike] as const;
