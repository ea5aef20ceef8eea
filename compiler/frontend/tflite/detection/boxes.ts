import { floats, int } from "../translation.ts";
import { columns, make, type Site } from "./site.ts";

/**
 * Corners [S, 4] (y, x, y, x) of boxes [S, 4 or more], of which the first are y, x, height, width. A box's middle is its anchor's, moved by so
 * many of the anchor's sizes; its sizes are the anchor's by a power of e. anchors: [S, 4].
 */
export function corners(site: Site, boxes: string, anchors: ArrayLike<number>): string {
  const { t, o, S } = site;
  /** Of y and x, or of height and width of each anchor. */
  const constant = (first: 0 | 2, of: (a: number, axis: number) => number): string => {
    const value = (_: unknown, i: number): number => of(anchors[4 * (i >> 1) + first + (i & 1)], i & 1);
    return floats(t, Float32Array.from({ length: 2 * S }, value), [S, 2]);
  };
  const moved = make(site, "Mul", [columns(site, boxes, 0, 2), constant(2, (a, axis) => a / o.scales[axis])]);
  const middle = make(site, "Add", [moved, constant(0, (a) => a)]);
  const powers = floats(t, Float32Array.of(o.scales[2], o.scales[3]), [1, 2]);
  const grown = make(site, "Exp", [make(site, "Div", [columns(site, boxes, 2, 4), powers])]);
  const half = make(site, "Mul", [grown, constant(2, (a) => a / 2)]);
  const ends = ["Sub", "Add"].map((op) => make(site, op, [middle, half]));
  return make(site, "Concat", ends, [int("axis", 1)]);
}
