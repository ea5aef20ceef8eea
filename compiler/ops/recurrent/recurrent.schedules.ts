import type { Schedule } from "../../schedule/schedule.ts";
import { defined } from "../../support/assert.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { storageOf, upTo } from "../tiles.ts";
import type { GruSizes } from "./gru.kernel.ts";

/** Vectors of sums that are under way together: their multiply-adds hide each other's latency. */
const MOST_VECTORS = 8;
/** Terms of a sum that are written out. */
const TERMS = 4;

/** S: of cells whose weights are in two parts. */
type Gated = Pick<GruSizes, "H"> & Partial<Pick<GruSizes, "S">>;

/**
 * Gates in lanes: sums of the states before, several vectors at a time, their weights in the order in which they are read; then
 * the states, element by element in lanes. Steps follow one another; threads share the sequences of a batch.
 */
export const gatesInLanes: NamedSchedule<Gated> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const vectors = vectorsFor(generic, d, lanes);
  const block = vectors * lanes;
  const weights = ["r", "v"].filter((w) => storageOf(generic, w) !== undefined);
  const packed = weights.reduce((s, w) => s.pack(w, [outer(0, block), ...dims(1), inner(0, block)]), generic);
  const sums = (packed as Schedule<"n" | "t" | "j" | "k" | "u">)
    .split("j", block, ["jo", "ji"], "cut")
    .split("ji", lanes, ["jv", "jl"], "cut")
    .stage("acc", "jo")
    .fission("jv", "jl")
    .reorder("k", "jv", "jl")
    .split("k", TERMS, ["ko", "ki"], "cut")
    .unroll("ki", "jv")
    .vectorize("jl");
  const states = sums.split("u", lanes, ["uo", "ui"], "cut").vectorize("ui") as Schedule;
  const gates = d.S === undefined ? states : states.split("g", lanes, ["go", "gi"], "cut").vectorize("gi");
  return { schedule: gates.parallel("n"), choice: `${block} sums in registers` };
};

/** As many as divide the rows of weights, of each part of them. */
function vectorsFor(s: Schedule, d: Gated, lanes: number): number {
  const rows = defined(storageOf(s, "r"), "weights of states").shape[0];
  const parts = d.S === undefined ? [rows] : [d.S, d.H];
  return upTo(MOST_VECTORS).reduce(
    (best, v) => (parts.every((part) => part % (v * lanes) === 0) ? v : best),
    1,
  );
}
