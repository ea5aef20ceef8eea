import type { NodeContext } from "../node-context.ts";
import { elementCount, type TensorValue } from "../value.ts";
import { EXACT, placesOf } from "../whole.ts";
import { emitElementwise } from "./broadcast.ts";
import type { Side } from "./window.ts";

/**
 * Where the greatest of each window of a pool lies, as an index of the whole tensor: the windows' elements side by side, the place of
 * the greatest of them, and a table of where each came from. A tap on the padding is taken for the first one that is not.
 * `result`: the node's output that it is; `columnMajor`: maps are counted column after column.
 */
export function emitPoolPlaces(
  node: NodeContext,
  result: number,
  x: TensorValue,
  sides: readonly Side[],
  columnMajor: boolean,
): void {
  const [n, c, ...extents] = x.shape;
  const size = elementCount(extents);
  if (n * c * size > EXACT)
    node.unsupported(`Indices of ${n * c * size} elements, more than ${EXACT} that are told apart`);
  const places = elementCount(sides.map(({ output }) => output));
  const taps = elementCount(sides.map(({ kernel }) => kernel));
  const at = Array.from({ length: places }, (_, place) => tapsOf(sides, extents, place, taps)).flat();
  node.reserve(2 * at.length + places + n * c);
  const maps = node.emitHelper("maps", { kind: "reshape" }, [x.name], [n * c, size]);
  const gather = { kind: "gather", axes: [{ axis: 1, at }] } as const;
  const windows = node.emitHelper("windows", gather, [maps.name], [n * c, at.length]);
  const apart = node.emitHelper("apart", { kind: "reshape" }, [windows.name], [n * c, places, taps]);
  const op = { kind: "arg-extreme", axis: 2, least: false, last: false } as const;
  const tap = node.emitHelper("tap", op, [apart.name], [n * c, places], placesOf(taps));
  const constant = (part: string, shape: readonly number[], values: readonly number[]) => {
    const data = Float32Array.from(values);
    return { kind: "constant", name: node.weight(part, shape, data), shape, data } as const;
  };
  const starts = constant(
    "starts",
    [1, places],
    Array.from({ length: places }, (_, place) => place * taps),
  );
  const entry = emitElementwise(node, "add", [tap, starts], "entry", { whole: placesOf(at.length) });
  const table = constant("table", [at.length], columnMajor ? at.map((i) => inColumns(i, extents)) : at);
  const lookup = { kind: "gather-at", axis: 0, each: false, constant: true } as const;
  const inMap = node.emitHelper("place", lookup, [table.name, entry.name], [n * c, places], placesOf(size));
  const offsets = constant(
    "offsets",
    [n * c, 1],
    Array.from({ length: n * c }, (_, map) => map * size),
  );
  const whole = placesOf(n * c * size);
  const index = emitElementwise(node, "add", [inMap, offsets], "index", { whole });
  const shape = [n, c, ...sides.map(({ output }) => output)];
  node.emitResult(result, { kind: "reshape" }, [index.name], shape, whole);
}

/** Which element of a map each tap of a window reads. */
function tapsOf(
  sides: readonly Side[],
  extents: readonly number[],
  place: number,
  taps: number,
): readonly number[] {
  const digits = (of: number, bases: readonly number[]): readonly number[] =>
    bases.map((base, d) => Math.floor(of / elementCount(bases.slice(d + 1))) % base);
  const at = digits(
    place,
    sides.map(({ output }) => output),
  );
  const found = Array.from({ length: taps }, (_, tap): number => {
    const inside = digits(
      tap,
      sides.map(({ kernel }) => kernel),
    );
    const coordinates = sides.map(
      ({ stride, begin, dilation }, d) => at[d] * stride - begin + inside[d] * dilation,
    );
    if (coordinates.some((v, d) => v < 0 || v >= extents[d])) return -1;
    return coordinates.reduce((sum, v, d) => sum * extents[d] + v, 0);
  });
  const first = found.find((i) => i >= 0) ?? 0;
  return found.map((i) => (i < 0 ? first : i));
}

/** An index of a map in the order of its columns: the last axis changes slowest. */
function inColumns(index: number, extents: readonly number[]): number {
  const { at } = extents.reduceRight(
    ({ rest, at: list }, d) => ({ rest: Math.floor(rest / d), at: [rest % d, ...list] }),
    { rest: index, at: [] as readonly number[] },
  );
  return at.reduceRight((sum, v, d) => sum * extents[d] + v, 0);
}
