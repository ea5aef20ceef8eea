import { divisors, preferred, preferring } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { Scheduled } from "../op.ts";
import { chosenTile, registerBudget, upTo } from "../tiles.ts";
import type { ConvSchedule } from "./algorithm.ts";
import type { ConvAxes } from "./conv-axes.ts";
import { groupLabel, groupTiles } from "./group-tile.ts";
import { packedBias } from "./packed-weights.ts";

/** Depthwise convolution, blocked by channels: a channel a lane, rows x columns of outputs in registers. */
export const depthwise: ConvSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const { oh, ow, unrollAll } = chosenTile(choose, groupTiles(d, target), groupLabel);
  const schedule = packedBias(generic as Schedule<ConvAxes>, d, lanes)
    .pack("w", [outer(0, lanes), ...dims(1, 2, 3, 4), inner(0, lanes)])
    .split("g", lanes, ["go", "gi"])
    .reorder("n", "go", "oc", "oh", "ow", "gi")
    .split("oh", oh, ["oho", "ohi"], "cut")
    .reorder("ow", "ohi")
    .split("ow", ow, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi", "ohi", "gi")
    .reorder("ic", "kh", "kw", "ohi", "owi", "gi")
    .unroll("owi", "ohi", "kw", ...(unrollAll ? (["ic", "kh"] as const) : []))
    .vectorize("gi")
    .parallel("n", "go", "oc");
  return { schedule, choice: `${oh} rows x ${ow} columns in registers`, intents: ["keep-order"] };
};

/** Spatial pack (TVM's for Arm): the inputs under a tile of columns packed before it, output channels in lanes. */
export const spatialPack: ConvSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const oc = divisors(d.OC).reduce((most, f) => (f <= lanes ? f : most), 1);
  const fits = Math.min(d.OW, registerBudget(target) - 8);
  const ow = choose("tile_ow", preferring(fits, upTo(Math.min(d.OW, 32))));
  const packed = (generic as Schedule<ConvAxes>)
    .pack("w", [...dims(0), outer(1, oc), ...dims(2, 3, 4), inner(1, oc)])
    .split("oc", oc, ["oco", "oci"])
    .reorder("n", "g", "oh", "ow", "oco", "oci")
    .stage("y", { at: "oh", as: "yp" })
    .pack("yp", dims(0, 1, 3, 4, 2));
  const schedule = (
    d.RES ? packed.stage("r", { at: "oh", as: "rp" }).pack("rp", dims(0, 1, 3, 4, 2)) : packed
  )
    .split("ow", ow, ["owo", "owi"], "cut")
    .reorder("owo", "oco", "owi", "oci")
    .stage("x", { at: "owo", as: "xp" })
    .stage("acc", "oco")
    .fission("owi", "oci")
    .reorder("ic", "kh", "kw", "owi", "oci")
    .unroll("owi")
    .vectorize("oci")
    .parallel("n", "g");
  return { schedule, choice: `${ow} columns x ${oc} channels, inputs packed`, intents: ["keep-order"] };
};
