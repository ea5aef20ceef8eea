import type { NodeContext } from "../node-context.ts";
import type { TensorValue } from "../value.ts";
import { isRun } from "./along.ts";
import { emitTaken, helpTaken } from "./gathering.ts";

/** Different elements along an axis, in an order of their own. */
export interface Cut {
  readonly axis: number;
  readonly at: readonly number[];
}

/** A tensor, what of it lies at the first cut, what of that at the second, too, and so on. */
export function boxesOf(
  node: NodeContext,
  whole: TensorValue,
  cuts: readonly Cut[],
): readonly [TensorValue, ...TensorValue[]] {
  const boxes: [TensorValue, ...TensorValue[]] = [whole];
  for (const { axis, at } of cuts) boxes.push(helpTaken(node, boxes[boxes.length - 1], axis, at));
  return boxes;
}

/** Emits the first of the boxes with `inner` in place of what lies at all cuts, of which there is one at least. */
export function putBack(
  node: NodeContext,
  inner: TensorValue,
  boxes: readonly TensorValue[],
  cuts: readonly Cut[],
): void {
  const last = cuts.slice(1).reduceRight((part, cut, i) => {
    const { axis, parts, order } = joinedAt(node, boxes[i + 1], part, cut);
    return helpTaken(node, concatenated(node, axis, parts), axis, order);
  }, inner);
  const { axis, parts, order } = joinedAt(node, boxes[0], last, cuts[0]);
  if (isRun(order) && parts.length > 1) {
    const inputs = parts.map(({ name }) => name);
    node.emit({ kind: "concat", axis }, inputs, boxes[0].shape);
  } else {
    emitTaken(node, concatenated(node, axis, parts), axis, order);
  }
}

/** Parts that, behind each other along an axis and in another order, are `outer`, but those of `inner` at a cut. */
interface Joined {
  readonly axis: number;
  readonly parts: readonly TensorValue[];
  readonly order: readonly number[];
}

function joinedAt(node: NodeContext, outer: TensorValue, inner: TensorValue, { axis, at }: Cut): Joined {
  const extent = outer.shape[axis];
  const all = Array.from({ length: extent }, (_, i) => i);
  if (at.length === extent) {
    const order = [...all];
    for (const i of all) order[at[i]] = i;
    return { axis, parts: [inner], order };
  }
  if (!isRun(at)) {
    const order = [...all];
    for (const [i, place] of at.entries()) order[place] = extent + i;
    return { axis, parts: [outer, inner], order };
  }
  const part = (from: number, to: number): readonly TensorValue[] =>
    from === to ? [] : [helpTaken(node, outer, axis, all.slice(from, to))];
  const [from, to] = [at[0], at[0] + at.length];
  return { axis, parts: [...part(0, from), inner, ...part(to, extent)], order: all };
}

/** Tensors one behind the other along an axis. */
export function concatenated(node: NodeContext, axis: number, parts: readonly TensorValue[]): TensorValue {
  const [first] = parts;
  if (parts.length === 1) return first;
  const extent = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
  const inputs = parts.map(({ name }) => name);
  return node.emitHelper("joined", { kind: "concat", axis }, inputs, first.shape.with(axis, extent));
}
