import type { Target } from "../../machine/target.schema.ts";
import { type Choose, preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { defined } from "../../support/assert.ts";
import type { ConvAxes } from "../conv2d/conv-axes.ts";
import type { ConvSizes } from "../conv2d/conv2d.kernel.ts";
import { directIntents, directProducts, splitChannels, written } from "../conv2d/conv2d.schedules.ts";
import { directLabel, directTiles } from "../conv2d/direct-tile.ts";
import { groupLabel, groupTiles } from "../conv2d/group-tile.ts";
import { keepsWeights, type LoopOrder } from "../conv2d/loop-order.ts";
import { directWeights, packedWeights } from "../conv2d/packed-weights.ts";
import { inputsStay, pixelTiles, tilesOf } from "../conv2d/pointwise.schedules.ts";
import {
  type CostedTile,
  type PointwiseTile,
  pointwiseLabel,
  pointwiseTiles,
} from "../conv2d/pointwise-tile.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { blockDistance, blockedBy, chosenTile, inWholeBlocks, keepPixels, storageOf } from "../tiles.ts";
import type { BandSizes } from "./conv2d-depthwise.kernel.ts";

type BandAxes = ConvAxes | "fc" | "fr" | "fw" | "band" | "co" | "ec" | "er" | "ew";
type WindowAxes = "vc" | "pr" | "pc" | "vh" | "vw";

/**
 * Output channels in lanes: for each block of channels of a band what stays of the band before it, a tile of pixels x channel vectors
 * of the convolution in registers, then a tile of columns of the window. Threads share the blocks of channels.
 */
export const bandsInLanes: NamedSchedule<BandSizes> = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const packed = (generic as Schedule<BandAxes | WindowAxes>).pack("mid", [
    ...[outer(0, lanes), ...dims(1, 2), inner(0, lanes)],
  ]);
  const start = moved(moved(packed, "fc", ["fr", "fw"], lanes), "ec", ["er", "ew"], lanes);
  const mapped = mapInLanes(start as unknown as Schedule<ConvAxes>, d, target, choose);
  const windowed = windowInLanes(mapped.schedule as unknown as Schedule<WindowAxes>, d, target, choose);
  const schedule = (windowed.schedule as Schedule<BandAxes>).parallel("n", "g", "co");
  return {
    schedule: schedule as Schedule,
    choice: `${d.BR} rows of ${d.CB} channels at a time: ${mapped.choice}, then ${windowed.choice}`,
    intents: mapped.intents ?? [],
  };
};

/** What is written to `mid` beside the convolution, by vectors of channels; nothing where windows neither overlap nor reach over the map. */
function moved(
  s: Schedule,
  channels: string,
  [rows, columns]: readonly [string, string],
  lanes: number,
): Schedule {
  if (s.extent(channels) === 0) return s;
  const [outside, inside] = [`${channels}o`, `${channels}i`];
  return s
    .split(channels, lanes, [outside, inside])
    .fission(outside, inside, rows)
    .reorder(outside, rows, columns, inside)
    .vectorize(inside);
}

/** The convolution of a block of channels in a band, as one of its own. */
function blockSizes(d: BandSizes): ConvSizes {
  const OH = d.BR * d.VSH;
  return { ...d, N: 1, G: 1, OC: d.CB, OH, IH: (OH - 1) * d.SH + (d.KH - 1) * d.DH + 1 };
}

/** The convolution of a block of channels in a band: tiles of pixels x vectors of channels in registers. */
function mapInLanes(s: Schedule<ConvAxes>, d: BandSizes, target: Target, choose: Choose): Scheduled {
  return d.KH * d.KW === 1 ? pointwiseMap(s, d, target, choose) : directMap(s, d, target, choose);
}

function pointwiseMap(s: Schedule<ConvAxes>, d: BandSizes, target: Target, choose: Choose): Scheduled {
  const { lanes } = target.isa;
  const block = blockSizes(d);
  const x = storageOf(s as Schedule, "x");
  const whole = inWholeBlocks(x, 2, d.IC, lanes);
  const orders: readonly LoopOrder[] = whole ? ["weights", "pixels", "packed"] : ["weights", "pixels"];
  const form = { orders, apart: blockDistance(x, 2, target) };
  const tile = chosenTile(choose, wholeFirst(pointwiseTiles(block, target, form), d, target), pointwiseLabel);
  const order = choose(
    "order",
    tile.orders.map((costed) => costed.order),
  );
  const oct = tile.ocv * lanes;
  const start = packedWeights(s, oct, tile.ic);
  // what is asked for ahead comes from the whole input
  const far = { ...block, IH: d.IH };
  const schedule = keepsWeights(order)
    ? pixelTiles(splitChannels(start, oct, lanes).reorder("oco", "oh", "ow", "ocv", "oci"), tile, far, target)
    : inputsStay(blocksOfPixels(start, tile, oct, lanes), tile, order, far, target);
  return {
    schedule: schedule as unknown as Schedule,
    choice: `${tile.oh} rows x ${tile.ow} columns x ${oct} channels in registers, ${order} stay`,
    intents: keepPixels(tile.oh * tile.ow, target),
  };
}

/** What a tile may cost more on a core in order that leaves no smaller one at the end of a row: nobody asks for the inputs of the one behind that. A policy. */
const WHOLE = 1.05;

function wholeFirst(
  tiles: readonly CostedTile[],
  { OW }: BandSizes,
  { core }: Target,
): readonly CostedTile[] {
  if (!core.inOrder) return tiles;
  const cost = (tile: CostedTile): number => tile.cost * (OW % tile.ow === 0 ? 1 : WHOLE);
  return tiles.toSorted((a, b) => cost(a) - cost(b));
}

/** Tiles of pixels, and for each of them all channels. */
function blocksOfPixels(s: Schedule<ConvAxes>, tile: PointwiseTile, oct: number, lanes: number) {
  const pixels = tilesOf(s.reorder("oh", "ow", "oc"), tile).reorder("oc", "ohi", "owi");
  return splitChannels(pixels, oct, lanes).reorder("ocv", "ohi", "owi", "oci");
}

function directMap(s: Schedule<ConvAxes>, d: BandSizes, target: Target, choose: Choose): Scheduled {
  const { lanes } = target.isa;
  const block = blockSizes(d);
  const x = storageOf(s as Schedule, "x");
  const inRows = !blockedBy(x, 2);
  const tile = chosenTile(
    choose,
    directTiles(block, target, inRows, blockDistance(x, 2, target)),
    directLabel,
  );
  const oct = tile.ocv * lanes;
  const tiled = splitChannels(directWeights(s, tile, block, lanes), oct, lanes)
    .reorder("oco", "oh", "ow", "ocv", "oci")
    .split("ow", tile.ow, ["owo", "owi"], "cut");
  return {
    schedule: directProducts(tiled, "owo", tile, block, target) as unknown as Schedule,
    choice: `${tile.ow} columns x ${oct} channels in registers, kernel ${written(tile)}`,
    intents: directIntents(tile, inRows, target),
  };
}

/** The window as a depthwise convolution of what is at hand. */
function windowSizes(d: BandSizes): ConvSizes {
  const { N: _, ...ends } = d;
  return {
    ...ends,
    ...{ N: 1, G: d.CB, OC: 1, IC: 1, OH: d.BR, OW: d.PW, KH: d.VH, KW: d.VW, SH: d.VSH, SW: d.VSW },
    ...{ DH: 1, DW: 1, IH: (d.BR - 1) * d.VSH + d.VH, IW: d.MW },
  };
}

function windowInLanes(s: Schedule<WindowAxes>, d: BandSizes, target: Target, choose: Choose): Scheduled {
  const { lanes } = target.isa;
  const tiles = groupTiles(windowSizes(d), target);
  const wanted = choose("window", tiles.map(groupLabel));
  const tile = tiles.find((one) => groupLabel(one) === wanted);
  const { oh, ow, unrollAll } = defined(tile, `a tile ${wanted}`);
  const weights =
    storageOf(s as Schedule, "v") === undefined
      ? s
      : s.pack("v", [...dims(0), outer(1, lanes), ...dims(2, 3), inner(1, lanes)]);
  const schedule = weights
    .split("vc", lanes, ["vco", "vci"])
    .reorder("vco", "pr", "pc", "vci")
    .split("pr", oh, ["pro", "pri"], "cut")
    .reorder("pc", "pri")
    .split("pc", ow, ["pco", "pci"], "cut")
    .stage("sum", "pco")
    .fission("pci", "pri", "vci")
    .reorder("vh", "vw", "pri", "pci", "vci")
    .unroll("pri", "pci", "vw", ...(unrollAll ? (["vh"] as const) : []))
    .vectorize("vci");
  return { schedule: schedule as unknown as Schedule, choice: `windows of ${oh} rows x ${ow} columns` };
}

/** In lanes where channels are. */
export function pickBands(s: Schedule, d: BandSizes, target: Target): string {
  return inWholeBlocks(storageOf(s, "y"), 2, d.OC, target.isa.lanes) ? "in-lanes" : "plain";
}
