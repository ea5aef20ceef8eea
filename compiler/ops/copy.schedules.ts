import type { Storage } from "../ir/storage.ts";
import { defined } from "../support/assert.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";

const AXES = ["a", "b", "c", "d", "e"] as const;

/**
 * Runs along the dimension that is contiguous in y: by whole vectors where x is contiguous along it too,
 * else element by element with that dimension's block written out.
 */
export const contiguous: NamedSchedule = (s, _d, target): Scheduled => {
  const { lanes } = target.isa;
  const x = storageOf(s.proc.params, "x");
  const y = storageOf(s.proc.params, "y");
  const last = y.dims[y.dims.length - 1];
  const along = AXES[last.dim];
  const others = AXES.filter((axis) => axis !== along);
  const extent = y.shape[last.dim];
  if (extent < lanes) {
    const order = s.reorder(...others, along);
    return {
      schedule: order.unroll(along).parallel(...others.slice(0, 3)),
      choice: "one block, written out",
    };
  }
  const split = s
    .reorder(...others.slice(0, last.dim), along, ...others.slice(last.dim))
    .split(along, lanes, ["outer", "inner"], "cut");
  const inner = others.slice(last.dim);
  const ordered = inner.length > 0 ? split.reorder(...inner, "inner") : split;
  const vectors = runsAlong(x, last.dim, lanes) && runsAlong(y, last.dim, lanes);
  return {
    schedule: (vectors ? ordered.vectorize("inner") : ordered.unroll("inner")).parallel(
      ...others.slice(0, last.dim),
    ),
    choice: vectors ? "by vectors" : "element by element",
  };
};

function storageOf(
  params: readonly { readonly name: string; readonly storage: Storage }[],
  name: string,
): Storage {
  return defined(
    params.find((p) => p.name === name),
    `parameter ${name}`,
  ).storage;
}

/** Whether groups of `lanes` neighbours along a dimension lie next to each other in memory. */
function runsAlong(s: Storage, dim: number, lanes: number): boolean {
  const last = s.dims[s.dims.length - 1];
  if (last.dim !== dim) return false;
  return (
    last.part === "whole" ||
    (last.part === "inner" && last.factor === lanes && s.halo[dim].before % lanes === 0)
  );
}

/** By whole vectors, and what is left one by one (constant). */
export const constantRuns: NamedSchedule = (s, d, target): Scheduled => {
  const { lanes } = target.isa;
  if (d.L < lanes) return { schedule: s, choice: "element by element" };
  const schedule = s.split("l", lanes, ["lo", "li"], "cut").vectorize("li").parallel("lo");
  return { schedule, choice: "by vectors" };
};
