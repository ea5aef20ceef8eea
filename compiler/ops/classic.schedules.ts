import { divisors, preferred, preferring } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { type ConvAxes, channelVectors, ENOUGH_CHUNKS, packedBias } from "./conv2d.schedules.ts";
import { groupLabel, groupTiles } from "./conv2d-tile.ts";
import { dims, inner, outer } from "./memory-dims.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { type PointwiseTile, pointwiseLabel, pointwiseTiles } from "./pointwise-tile.ts";
import { chosenTile, KEEP_ORDER, keepTile, registerBudget, upTo } from "./tiles.ts";

/**
 * Convolution of 1x1 kernels, blocked by channels: a packed matrix product, a tile of pixels x channel vectors
 * in registers, input channels by lane.
 */
export const pointwise: NamedSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const tile = chosenTile(choose, pointwiseTiles(d, target), pointwiseLabel);
  const { oh, ow, ocv } = tile;
  const oct = ocv * lanes;
  const rows = d.OH % oh === 0 && d.N * d.G * (d.OC / oct) < ENOUGH_CHUNKS;
  const start = channelVectors(generic as Schedule<ConvAxes>, oct, tile.ic, lanes);
  const schedule = pixelTiles(start.reorder("n", "g", "oco", "oh", "ow", "ocv", "oci"), tile).parallel(
    "n",
    "g",
    "oco",
    ...(rows ? (["oho"] as const) : []),
  );
  const choice = `${oh} rows x ${ow} columns x ${oct} channels in registers`;
  return { schedule, choice, cflags: oh * ow > 1 ? keepTile(target) : KEEP_ORDER };
};

/**
 * Below loops over pixels with vectors of channels innermost: a tile of pixels x vectors in registers, blocks of input
 * channels written out.
 */
export function pixelTiles(
  s: Schedule<Exclude<ConvAxes, "oc"> | "oco" | "ocv" | "oci">,
  { oh, ow, ic, blocks }: PointwiseTile,
) {
  return s
    .split("oh", oh, ["oho", "ohi"], "cut")
    .reorder("ow", "ohi")
    .split("ow", ow, ["owo", "owi"], "cut")
    .reorder("ocv", "ohi", "owi", "oci")
    .stage("acc", "owo")
    .fission("ocv", "ohi", "owi", "oci")
    .split("ic", ic, ["icb", "ici"])
    .split("icb", blocks, ["ico", "icu"])
    .reorder("kh", "kw", "ico", "icu", "ici", "ocv", "ohi", "owi", "oci")
    .unroll("kh", "kw", "icu", "ici", "ocv", "ohi", "owi")
    .vectorize("oci");
}

/** Depthwise convolution, blocked by channels: a channel a lane, rows x columns of outputs in registers. */
export const depthwise: NamedSchedule = (generic, d, target, choose = preferred): Scheduled => {
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
  return { schedule, choice: `${oh} rows x ${ow} columns in registers`, cflags: KEEP_ORDER };
};

/** Spatial pack (TVM's for Arm): the inputs under a tile of columns packed before it, output channels in lanes. */
export const spatialPack: NamedSchedule = (generic, d, target, choose = preferred): Scheduled => {
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
  return { schedule, choice: `${ow} columns x ${oc} channels, inputs packed`, cflags: KEEP_ORDER };
};
