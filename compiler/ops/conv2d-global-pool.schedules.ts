import type { Dims } from "../language/kernel.ts";
import { divisors, preferred } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Target } from "../target/target.schema.ts";
import { type ConvAxes, channelParts } from "./conv2d.schedules.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { pixelsOutside } from "./pointwise.schedules.ts";
import { pointwiseLabel, pointwiseTiles } from "./pointwise-tile.ts";
import { blockedBy, chosenTile, KEEP_ORDER, keepTile, storageOf } from "./tiles.ts";

/** Parts that output channels are shared out in among threads; each copies the map anew. */
const PARTS = 8;

/**
 * The pointwise schedule with the totals of a part of the channels at hand while pixels pass by, a tile's inputs copied
 * side by side.
 */
export const pooledPointwise: NamedSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const tile = chosenTile(choose, pointwiseTiles(d, target, 0, ["packed"]), pointwiseLabel);
  const { oh, ow, ocv } = tile;
  const oct = ocv * lanes;
  const blocks = d.OC / oct;
  const parts = Math.max(...divisors(blocks).filter((n) => n <= PARTS));
  const start = channelParts(generic as Schedule<ConvAxes>, d, parts, oct, tile.ic, lanes)
    .stage("total", "ocp", "stack")
    .fission("oco", "ocv", "oci")
    .reorder("oh", "ow", "oco", "ocv", "oci");
  const schedule = (pixelsOutside(start, tile, "packed", d, target) as Schedule).parallel("n", "g", "ocp");
  const choice = `${oh} rows x ${ow} columns x ${oct} channels in registers, and the channels' totals`;
  return { schedule, choice, cflags: oh * ow > 1 ? keepTile(target) : KEEP_ORDER };
};

/** In lanes where channels are, and the kernel is one pixel. */
export function pickPooled(s: Schedule, d: Dims, target: Target): string {
  const y = storageOf(s, "y");
  return blockedBy(y, 2) && d.OC % target.isa.lanes === 0 && d.KH * d.KW === 1 ? "pointwise" : "plain";
}
