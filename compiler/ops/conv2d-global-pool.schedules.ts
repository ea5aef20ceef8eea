import type { Dims } from "../language/kernel.ts";
import { preferred } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Target } from "../target/target.schema.ts";
import { type ConvAxes, channelVectors } from "./conv2d.schedules.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { pixelTiles } from "./pointwise.schedules.ts";
import { pointwiseLabel, pointwiseTiles } from "./pointwise-tile.ts";
import { blockedBy, chosenTile, KEEP_ORDER, keepTile, storageOf } from "./tiles.ts";

/** The pointwise schedule, with the totals of a block of channels in registers over the whole map. */
export const pooledPointwise: NamedSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const tile = chosenTile(choose, pointwiseTiles(d, target, 1), pointwiseLabel);
  const { oh, ow, ocv } = tile;
  const oct = ocv * lanes;
  const start = channelVectors(generic as Schedule<ConvAxes>, oct, tile.ic, lanes)
    .stage("total", "oco")
    .fission("ocv", "oci");
  const schedule = pixelTiles(start.reorder("oh", "ow", "ocv", "oci"), tile).parallel("n", "g", "oco");
  const choice = `${oh} rows x ${ow} columns x ${oct} channels in registers, and the channels' totals`;
  return { schedule, choice, cflags: oh * ow > 1 ? keepTile(target) : KEEP_ORDER };
};

/** In lanes where channels are, and the kernel is one pixel. */
export function pickPooled(s: Schedule, d: Dims, target: Target): string {
  const y = storageOf(s, "y");
  return blockedBy(y, 2) && d.OC % target.isa.lanes === 0 && d.KH * d.KW === 1 ? "pointwise" : "plain";
}
