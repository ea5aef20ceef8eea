import type { Param } from "../../ir/proc.ts";
import type { Storage, StorageDim } from "../../ir/storage.ts";
import type { Sizes } from "../../language/kernel.ts";
import { rowOf, vectorName } from "../../machine/isa-rows.ts";
import type { Isa } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { defined } from "../../support/assert.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { AXES, blockOfBoth, blockwise, FIRST_SPATIAL } from "./copy-blocks.ts";

/**
 * Runs along the dimension that is contiguous in y: by whole vectors where x is contiguous along it too,
 * else element by element with that dimension's block written out. Rows and columns that lie in blocks on one side go block
 * by block.
 */
export const contiguous: NamedSchedule = (s, _d, target): Scheduled => {
  const { lanes } = target.isa;
  const x = storageOf(s.proc.params, "x");
  const y = storageOf(s.proc.params, "y");
  const last = y.dims[y.dims.length - 1];
  const along = AXES[last.dim];
  const others = AXES.filter((axis) => axis !== along);
  const blocks = others.flatMap((axis) => {
    const factor = blockOf([x, y], axis);
    return factor === undefined ? [] : [{ axis, factor }];
  });
  const inBlocks = (order: Schedule): Schedule =>
    blocks.reduce(
      (done, { axis, factor }) =>
        done.split(axis, factor, [`${axis}_block`, `${axis}_in`], "cut").unroll(`${axis}_in`),
      order,
    );
  const outside = (axes: readonly string[]): string[] =>
    axes.map((axis) => (blocks.some((block) => block.axis === axis) ? `${axis}_block` : axis));
  const vectors =
    runsAlong(x, last.dim, lanes) && runsAlong(y, last.dim, lanes) && readsVectors(s.proc.params, target.isa);
  const together = vectors || blocks.length > 0 ? undefined : blockOfBoth([x, y], lanes);
  if (together !== undefined) return blockwise(s, together);
  const extent = y.shape[last.dim];
  if (extent < lanes) {
    const order = inBlocks(s.reorder(...others, along));
    return {
      schedule: order.unroll(along).parallel(...outside(others.slice(0, 3))),
      choice: "one block, written out",
    };
  }
  const split = s
    .reorder(...others.slice(0, last.dim), along, ...others.slice(last.dim))
    .split(along, lanes, ["outer", "inner"], "cut");
  const inner = others.slice(last.dim);
  const ordered = inBlocks(inner.length > 0 ? split.reorder(...inner, "inner") : split);
  return {
    schedule: (vectors ? ordered.vectorize("inner") : ordered.unroll("inner")).parallel(
      ...outside(others.slice(0, last.dim)),
    ),
    choice: vectors ? "by vectors" : "element by element",
  };
};

/** Whether the instruction set makes vectors of floats of what x holds. */
function readsVectors(params: readonly Param[], isa: Isa): boolean {
  const { dtype } = defined(
    params.find(({ name }) => name === "x"),
    "parameter x",
  );
  const floats = vectorName("f32", isa.lanes);
  return dtype === "f32" || rowOf(isa, "convert", floats, vectorName(dtype, isa.lanes)) !== undefined;
}

/** The size of the blocks in which rows or columns lie on one side; undefined where they lie whole, or are fewer. */
function blockOf(sides: readonly Storage[], axis: (typeof AXES)[number]): number | undefined {
  const dim = AXES.indexOf(axis);
  if (dim < FIRST_SPATIAL) return undefined;
  const [found] = sides.flatMap(({ dims }) =>
    dims.flatMap((d) => (d.dim === dim && d.part !== "whole" ? [d.factor] : [])),
  );
  return found !== undefined && sides[0].shape[dim] > found ? found : undefined;
}

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
  // a dimension of one element takes no room, unless that is a block or has a border
  const takesRoom = ({ part, dim: d }: StorageDim): boolean =>
    part !== "whole" || s.shape[d] > 1 || s.halo[d].before + s.halo[d].after > 0;
  const last = s.dims.findLast(takesRoom);
  if (last?.dim !== dim) return false;
  return (
    last.part === "whole" ||
    (last.part === "inner" && last.factor === lanes && s.halo[dim].before % lanes === 0)
  );
}

/** By whole vectors, and what is left one by one (constant). */
export const constantRuns: NamedSchedule<Sizes<"L">> = (s, d, target): Scheduled => {
  const { lanes } = target.isa;
  if (d.L < lanes) return { schedule: s, choice: "element by element" };
  const schedule = s.split("l", lanes, ["lo", "li"], "cut").vectorize("li").parallel("lo");
  return { schedule, choice: "by vectors" };
};
