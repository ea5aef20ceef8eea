import type { Target } from "../../machine/target.schema.ts";
import { divisors, preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { Scheduled } from "../op.ts";
import { blockDistance, chosenTile, inWholeBlocks, keepPixels, storageOf } from "../tiles.ts";
import type { ConvSchedule } from "./algorithm.ts";
import type { ConvAxes } from "./conv-axes.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";
import { channelParts, splitChannels } from "./conv2d.schedules.ts";
import type { LoopOrder } from "./loop-order.ts";
import { packedWeights } from "./packed-weights.ts";
import { inputsStay, pixelTiles, tilesOf } from "./pointwise.schedules.ts";
import { type PointwiseTile, pointwiseLabel, pointwiseTiles } from "./pointwise-tile.ts";

/** Parts that output channels are shared out in among threads; each copies the map anew. */
const PARTS = 8;

/** The pointwise schedule, with the totals of channels at hand while pixels pass by. */
export const pooledPointwise: ConvSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const orders = pooledOrders(generic, d, target);
  // totals in registers take one for each vector of channels
  const held = orders[0] === "weights" ? 1 : 0;
  const tile = chosenTile(
    choose,
    pointwiseTiles(d, target, { held, orders, apart: blockDistance(storageOf(generic, "x"), 2, target) }),
    pointwiseLabel,
  );
  const order = choose(
    "order",
    tile.orders.map(({ order }) => order),
  );
  const start = generic as Schedule<ConvAxes>;
  const schedule =
    order === "weights" ? weightsStay(start, tile, d, target) : pixelsStay(start, tile, order, d, target);
  const oct = tile.ocv * target.isa.lanes;
  const choice = `${tile.oh} rows x ${tile.ow} columns x ${oct} channels in registers, and the channels' totals, ${order} stay`;
  return { schedule, choice, intents: keepPixels(tile.oh * tile.ow, target) };
};

function pooledOrders(s: Schedule, d: ConvSizes, target: Target): readonly LoopOrder[] {
  if (target.core.model === undefined) return ["weights"];
  const whole = inWholeBlocks(storageOf(s, "x"), 2, d.IC, target.isa.lanes);
  return whole ? ["packed", "pixels"] : ["pixels"];
}

/** Totals of a block of channels in registers over the whole map. */
function weightsStay(s: Schedule<ConvAxes>, tile: PointwiseTile, d: ConvSizes, target: Target): Schedule {
  const { lanes } = target.isa;
  const oct = tile.ocv * lanes;
  const start = splitChannels(packedWeights(s, oct, tile.ic), oct, lanes)
    .stage("total", "oco")
    .fission("ocv", "oci")
    .reorder("oh", "ow", "ocv", "oci");
  return pixelTiles(start, tile, d, target).parallel("n", "g", "oco");
}

/** Totals of a part of the channels on the stack. */
function pixelsStay(
  s: Schedule<ConvAxes>,
  tile: PointwiseTile,
  order: LoopOrder,
  d: ConvSizes,
  target: Target,
): Schedule {
  const { lanes } = target.isa;
  const oct = tile.ocv * lanes;
  const parts = Math.max(...divisors(d.OC / oct).filter((n) => n <= PARTS));
  const start = channelParts(s, d, parts, oct, tile.ic, lanes)
    .stage("total", "ocp", "stack")
    .fission("oco", "ocv", "oci")
    .reorder("oh", "ow", "oco", "ocv", "oci");
  const tiled = tilesOf(start, tile).reorder("oco", "ocv", "ohi", "owi", "oci");
  return (inputsStay(tiled, tile, order, d, target) as Schedule).parallel("n", "g", "ocp");
}

/** In lanes where channels are, and the kernel is one pixel. */
export function pickPooled(s: Schedule, d: ConvSizes, target: Target): string {
  const y = storageOf(s, "y");
  return inWholeBlocks(y, 2, d.OC, target.isa.lanes) && d.KH * d.KW === 1 ? "pointwise" : "plain";
}
