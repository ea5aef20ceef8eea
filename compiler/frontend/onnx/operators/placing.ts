import { stridesOf } from "../known/walk.ts";
import { mostMade } from "../limits.ts";
import type { NodeContext } from "../node-context.ts";
import { elementCount, MOST_COMPUTED, sameShape, type TensorValue } from "../value.ts";
import { isRun } from "./along.ts";
import { boxesOf, concatenated, putBack } from "./boxes.ts";
import { helpTaken } from "./gathering.ts";

// Updates whose places are known before the network runs are moves: where from each element comes is known, too.

/**
 * Emits data with updates, in order, at places in its first `depth` dimensions, of two at one place the last; whether it can, by tables
 * that are not too large.
 */
export function emitPlaced(
  node: NodeContext,
  data: TensorValue,
  updates: TensorValue,
  places: readonly number[],
  depth: number,
): boolean {
  const extents = data.shape.slice(0, depth);
  const lists = productOf(places, extents);
  if (lists !== undefined) {
    emitBox(node, data, updates, lists);
    return true;
  }
  const run = runOf(places, extents);
  const rows = elementCount(extents) / run;
  if (!isWorthTable(node, rows, places.length)) return false;
  const at = places.flatMap((place, i) => (i % run === 0 ? [place / run] : []));
  emitRows(node, data, updates, at, rows);
  return true;
}

/** Places along each dimension of which all combinations, in order, are these; undefined if none are. */
function productOf(
  places: readonly number[],
  extents: readonly number[],
): readonly (readonly number[])[] | undefined {
  const strides = stridesOf(extents);
  const along = (place: number, d: number): number => Math.floor(place / strides[d]) % extents[d];
  const counts = extents.map((_, d) => new Set(places.map((place) => along(place, d))).size);
  if (elementCount(counts) !== places.length) return undefined;
  const steps = stridesOf(counts);
  const lists = counts.map((count, d) =>
    Array.from({ length: count }, (_, i) => along(places[i * steps[d]], d)),
  );
  const same = (place: number, i: number): boolean =>
    lists.every((list, d) => list[Math.floor(i / steps[d]) % counts[d]] === along(place, d));
  return places.every(same) ? lists : undefined;
}

/** Updates of a box of the data, whose rows, columns and so on need be neither neighbours nor in order. */
function emitBox(
  node: NodeContext,
  data: TensorValue,
  updates: TensorValue,
  lists: readonly (readonly number[])[],
): void {
  const { shape } = data;
  const cuts = lists.flatMap((at, axis) => (at.length === shape[axis] && isRun(at) ? [] : [{ axis, at }]));
  const box = [...lists.map(({ length }) => length), ...shape.slice(lists.length)];
  const inner = sameShape(updates.shape, box)
    ? updates
    : node.emitHelper("parts", { kind: "reshape" }, [updates.name], box);
  if (cuts.length === 0) node.become(inner);
  else putBack(node, inner, boxesOf(node, data, cuts.slice(0, -1)), cuts);
}

/** Of how many neighbours, as many as the last dimensions have together, runs are that all places make up. */
function runOf(places: readonly number[], extents: readonly number[]): number {
  const isRunOf = (run: number): boolean =>
    places.length % run === 0 &&
    places.every((place, i) => place % run === i % run && place - (i % run) === places[i - (i % run)]);
  return stridesOf(extents).find(isRunOf) ?? 1;
}

/** Whether a table of where all rows come from is small, or not much larger than what the file holds, and leaves room for others. */
function isWorthTable({ state: { made } }: NodeContext, rows: number, updates: number): boolean {
  return rows <= Math.max(MOST_COMPUTED, 4 * updates) && made.elements + 2 * rows <= mostMade(made.given) / 2;
}

/** Updates of any rows of the data: all rows are taken from both, one behind the other. */
function emitRows(
  node: NodeContext,
  data: TensorValue,
  updates: TensorValue,
  places: readonly number[],
  rows: number,
): void {
  const run = elementCount(data.shape) / rows;
  const inRows = (part: string, x: TensorValue): TensorValue =>
    node.emitHelper(part, { kind: "reshape" }, [x.name], [elementCount(x.shape) / run, run]);
  const from = Array.from({ length: rows }, (_, row) => row);
  places.forEach((place, i) => {
    from[place] = rows + i;
  });
  const parts = inRows("parts", updates);
  const taken = from.every((row) => row >= rows)
    ? helpTaken(
        node,
        parts,
        0,
        from.map((row) => row - rows),
      )
    : helpTaken(node, concatenated(node, 0, [inRows("rows", data), parts]), 0, from);
  node.emit({ kind: "reshape" }, [taken.name], data.shape);
}
