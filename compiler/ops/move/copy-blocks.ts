import { physicalExtent, plainStorage, type Storage } from "../../ir/storage.ts";
import { divisors } from "../../schedule/choose.ts";
import { gcd } from "../../schedule/mixed-radix.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { Scheduled } from "../op.ts";

/** Of a copy. */
export const AXES = ["a", "b", "c", "d", "e"] as const;
/** Rows; columns follow. */
export const FIRST_SPATIAL = 3;
const COLUMNS = 4;
/** Of more gcc 12 makes vectors along the row, and then has more to do at its ends than in it. */
const MOST_IN_SHORT_ROWS = 8;
const OTHERS = AXES.slice(0, FIRST_SPATIAL);

/**
 * All elements at a time that lie in the same vectors' worth of memory on both sides, one by one: so each line of either side is in
 * the cache but once.
 */
export function blockwise(s: Schedule, { parts, shape }: Together): Scheduled {
  const outside = OTHERS.filter((axis) => parts.every((part) => part.axis !== axis));
  const whole = parts.filter(({ cut }) => !cut).map(({ axis }) => axis);
  const cut = parts.find((part) => part.cut);
  if (cut === undefined) return written(s.reorder(...outside, "d", "e", ...whole), whole, [...outside, "d"]);
  const block = `${cut.axis}_block`;
  const within = `${cut.axis}_in`;
  const near = [within, ...whole];
  const inBlocks = (order: Schedule, rows: string): Schedule =>
    order.split(cut.axis, cut.count, [block, within], "cut").reorder(rows, "e", ...near);
  if (shape[AXES.indexOf(cut.axis)] % cut.count === 0) {
    const order = inBlocks(s.reorder(...outside, cut.axis, "d", "e", ...whole), "d");
    return written(order, near, [...outside, block]);
  }
  // what is left of the blocks is a loop of its own, so that threads can only share rows
  const rows = s.split("d", rowsAtATime(shape[FIRST_SPATIAL]), ["d_block", "d_in"]);
  const order = inBlocks(rows.reorder(...outside, "d_block", cut.axis, "d_in", "e", ...whole), "d_in");
  return written(order, near, [...outside, "d_block"]);
}

function written(order: Schedule, near: readonly string[], outside: readonly string[]): Scheduled {
  const schedule = near.reduce((done, axis) => done.unroll(axis), order).parallel(...outside);
  return { schedule, choice: "blocks of both sides, written out" };
}

/** Half of them, or the most below that divide them. */
function rowsAtATime(rows: number): number {
  return divisors(rows).findLast((some) => some <= rows / 2) ?? 1;
}

/** Of which axes how many at a time, if not all. */
interface Together {
  readonly parts: readonly {
    readonly axis: (typeof AXES)[number];
    readonly count: number;
    readonly cut: boolean;
  }[];
  readonly shape: readonly number[];
}

/** How many elements of which axes fill vectors' worth of memory on both sides; undefined: too many, or of rows or columns. */
export function blockOfBoth(sides: readonly Storage[], lanes: number): Together | undefined {
  const counts = new Map<number, number>();
  const [{ shape }] = sides;
  for (const { dims } of sides) {
    let size = 1;
    for (const part of dims.toReversed()) {
      if (size >= lanes) break;
      const { dim } = part;
      const extent = shape[dim];
      if (extent === 1) continue;
      if (dim >= FIRST_SPATIAL) return undefined;
      size *= physicalExtent(plainStorage(shape), part);
      const count = part.part === "inner" || part.part === "middle" ? part.factor : extent;
      const before = counts.get(dim) ?? 1;
      counts.set(dim, Math.min(extent, (before * count) / gcd(before, count)));
    }
  }
  const parts = [...counts].map(([dim, count]) => ({ axis: AXES[dim], count, cut: count < shape[dim] }));
  const all = parts.reduce((n, { count }) => n * count, 1);
  const most = shape[COLUMNS] < 2 * lanes ? MOST_IN_SHORT_ROWS : lanes * lanes;
  return all <= most && parts.filter(({ cut }) => cut).length <= 1 ? { parts, shape } : undefined;
}
