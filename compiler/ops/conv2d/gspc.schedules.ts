import { floatBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { type Choose, divisors, preferred, preferring } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { Scheduled } from "../op.ts";
import { registerBudget, upTo } from "../tiles.ts";
import type { ConvSchedule } from "./algorithm.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";

type ConvAxes = "n" | "g" | "oc" | "oh" | "ow" | "ic" | "kh" | "kw";

/** A group's input packed at once may take this much of the stack; larger ones are packed row by row. */
const PACK_BYTES = 1 << 20;
/** Most columns of a tile, as in the original. */
const MOST_COLUMNS = 64;

/**
 * Grouped spatial pack convolution (Gibson et al., ASAP 2020): every group's input, weights and output packed in blocks of
 * channels, the output channels of a block in lanes, a tile of columns in registers. Its four knobs are
 * tile_ic, tile_oc, tile_ow and unroll_kw. Weights are packed at compile time, data at run time, group by
 * group; blocks divide the channels of a group, and a width that tiles do not divide is cut.
 */
export const gspc: ConvSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { ic, oc, ow, unrollKw, at } = knobs(d, target, choose);
  const packed = (generic as Schedule<ConvAxes>)
    .pack("w", [...dims(0), outer(1, oc), outer(2, ic), ...dims(3, 4), inner(2, ic), inner(1, oc)])
    .split("oc", oc, ["oco", "oci"])
    .reorder("n", "g", "oco", "oh", "ow", "oci")
    .stage("x", { at, as: "xp" })
    .pack("xp", [...dims(0, 1), outer(2, ic), ...dims(3), inner(2, ic), ...dims(4)])
    .stage("y", { at: "oh", as: "yp" })
    .pack("yp", dims(0, 1, 3, 4, 2));
  const schedule = (
    d.RES ? packed.stage("r", { at: "oh", as: "rp" }).pack("rp", dims(0, 1, 3, 4, 2)) : packed
  )
    .split("ow", ow, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi", "oci")
    .split("ic", ic, ["ico", "ici"])
    .reorder("ico", "kh", "kw", "ici", "owi", "oci")
    .unroll("owi", "ici", ...(unrollKw ? (["kw"] as const) : []))
    .vectorize("oci")
    .parallel("n", "g");
  return { schedule, choice: `blocks of ${ic} x ${oc} channels, ${ow} columns`, intents: ["keep-order"] };
};

/** The four knobs, each with what fits the machine first, and the loop at which data is packed. */
function knobs(d: ConvSizes, target: Target, choose: Choose) {
  const { lanes } = target.isa;
  const upToLanes = (n: number): number => divisors(n).reduce((most, f) => (f <= lanes ? f : most), 1);
  const oc = choose("tile_oc", preferring(upToLanes(d.OC), divisors(d.OC)));
  const fits = Math.max(1, Math.floor((registerBudget(target) - 2) / Math.ceil(oc / lanes)));
  const columns = upTo(Math.min(d.OW, MOST_COLUMNS));
  return {
    oc,
    ic: choose("tile_ic", preferring(upToLanes(d.IC), divisors(d.IC))),
    ow: choose("tile_ow", preferring(Math.min(d.OW, fits), columns)),
    unrollKw: choose("unroll_kw", [true, false]),
    at: d.IC * d.IH * d.IW * floatBytes(target.isa) <= PACK_BYTES ? ("g" as const) : ("oh" as const),
  };
}
