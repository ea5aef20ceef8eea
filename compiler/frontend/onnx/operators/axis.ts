import type { NodeContext } from "../node-context.ts";

/** `axis` counted from the front; ONNX allows negative axes. */
export function normalAxis(node: NodeContext, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= Math.max(rank, 1)) {
    node.invalid(`axis ${axis} for ${rank} dimensions`);
  }
  return normal;
}
