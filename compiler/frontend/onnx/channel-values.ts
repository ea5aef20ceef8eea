import type { NodeContext } from "./node-context.ts";
import type { ConstantValue } from "./value.ts";

/** The constant as [C] when it broadcasts over everything but dimension 1. */
export function channelValues(
  node: NodeContext,
  shape: readonly number[],
  c: ConstantValue,
): Float32Array | undefined {
  const padded = [...Array<number>(Math.max(0, shape.length - c.shape.length)).fill(1), ...c.shape];
  const channels = shape[1] ?? 1;
  const fits =
    padded.length === shape.length && padded.every((d, i) => d === 1 || (i === 1 && d === channels));
  if (!fits) return undefined;
  if (c.data.length !== 1) return c.data;
  node.reserve(channels);
  return new Float32Array(channels).fill(c.data[0] as number);
}
