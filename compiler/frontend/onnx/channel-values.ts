import type { NodeContext } from "./node-context.ts";
import { type ConstantValue, padShape } from "./value.ts";

/** The constant as [C] when it broadcasts over everything but dimension 1. */
export function channelValues(
  node: NodeContext,
  shape: readonly number[],
  c: ConstantValue,
): Float32Array | undefined {
  const channels = shape[1] ?? 1;
  const fits =
    c.shape.length <= shape.length &&
    padShape(c.shape, shape.length).every((d, i) => d === 1 || (i === 1 && d === channels));
  if (!fits) return undefined;
  if (c.data.length !== 1) return c.data;
  node.reserve(channels);
  return new Float32Array(channels).fill(c.data[0] as number);
}
