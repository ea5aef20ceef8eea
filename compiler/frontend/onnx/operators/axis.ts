import type { NodeContext } from "../node-context.ts";

/** `axis` counted from the front; ONNX allows negative axes. */
export function normalAxis(node: NodeContext, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank) {
    node.invalid(`axis ${axis} for ${rank} dimensions`);
  }
  return normal;
}

/** An index of so many elements; one below 0 counts from the end. */
export function normalIndex(node: NodeContext, index: number, size: number): number {
  const normal = index < 0 ? index + size : index;
  return normal >= 0 && normal < size ? normal : node.invalid(`index ${index} of ${size}`);
}

/** The order of a Transpose; without one given the dimensions are reversed. */
export function permOf(
  node: NodeContext,
  given: readonly number[] | undefined,
  rank: number,
): readonly number[] {
  const natural = Array.from({ length: rank }, (_, i) => i);
  const perm = given ?? natural.toReversed();
  if (perm.toSorted((a, b) => a - b).join() !== natural.join()) {
    node.invalid(`perm [${perm.join(", ")}] for ${rank} dimensions`);
  }
  return perm;
}
