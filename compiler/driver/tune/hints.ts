import type { AboutTask } from "./about-task.ts";
import type { Point } from "./candidate.ts";
import type { TuneLine } from "./tune-record.ts";

/** What a hint is for, and of: an operator of some sizes. */
export type Sized = Pick<AboutTask, "op" | "dims">;
/** How some task was best computed somewhere: worth a trial for one that is like it, and no more than that. */
export interface Hint extends Sized {
  readonly point: Point;
}

/** What winners say, but for defaults: those are tried anyway. */
export function hintsOf(lines: readonly TuneLine[]): readonly Hint[] {
  return lines.flatMap((line) =>
    line.kind === "winner" && line.kernel !== line.reference
      ? [{ op: line.op, dims: line.dims, point: { schedule: line.schedule, knobs: line.knobs } }]
      : [],
  );
}

/** Points of the hints for a task's operator, of tasks of the most similar sizes first; of equals the later. */
export function nearestPoints(task: Sized, hints: Iterable<Hint>): readonly Point[] {
  return [...hints]
    .reverse()
    .map(({ op, dims, point }) => ({ point, far: op === task.op ? distance(dims, task.dims) : undefined }))
    .filter(({ far }) => far !== undefined)
    .sort((a, b) => (a.far ?? 0) - (b.far ?? 0))
    .map(({ point }) => point);
}

/** In doublings of sizes; what is there or not (a bias, a bound) counts as one. Undefined: not of the same sizes. */
function distance(a: Sized["dims"], b: Sized["dims"]): number | undefined {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length || !names.every((name) => Object.hasOwn(b, name)))
    return undefined;
  return names.reduce((sum, name) => sum + apart(Number(a[name]), Number(b[name])), 0);
}

function apart(a: number, b: number): number {
  if (a === b) return 0;
  const ratio = Math.abs(Math.log2(a / b));
  return Number.isFinite(ratio) ? ratio : 1;
}
