import { floatBytes, vectorBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { isUnforeseen, LINE_BYTES } from "../estimate/memory-waits.ts";
import type { Scheduled } from "../op.ts";
import { blockDistance, chosenTile, inWholeBlocks, keepPixels, pixelsBefore, storageOf } from "../tiles.ts";
import type { ConvDims, ConvSchedule } from "./algorithm.ts";
import type { ConvAxes, VectorAxes } from "./conv-axes.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";
import { ENOUGH_CHUNKS, packedInputs, residualAhead, splitChannels } from "./conv2d.schedules.ts";
import { keepsWeights, type LoopOrder, type WeightsOrder } from "./loop-order.ts";
import { packedWeights } from "./packed-weights.ts";
import { type PointwiseTile, pointwiseLabel, pointwiseTiles } from "./pointwise-tile.ts";
import { askedTile, inputBytes, isAskedBeside, loopTo, pixelsApart, residualTile } from "./tile-below.ts";

/** Loops over tiles of pixels with vectors of output channels. */
type TileAxes = Exclude<VectorAxes, "oh" | "ow"> | "oho" | "ohi" | "owo" | "owi";

const STAYS: Readonly<Record<LoopOrder, string>> = {
  weights: "weights stay",
  pixels: "pixels stay",
  packed: "packed stay",
  streamed: "weights stay, inputs streamed",
};

/** Planes of which lines are asked for at a time, at most: more would wait for each other. */
const MOST_ASKED = 64;

/** Inputs that lie as the caller gives them have no blocks of channels to copy, or to ask for; nor has a block that is not full. */
function ordersFor(s: Schedule, d: ConvSizes, target: Target): readonly LoopOrder[] {
  if (!inWholeBlocks(storageOf(s, "x"), 2, d.IC, target.isa.lanes)) return ["weights", "pixels"];
  const streamed = isAskedBeside(d, target) ? (["streamed"] as const) : [];
  return ["weights", "pixels", "packed", ...streamed];
}

/**
 * Convolution of 1x1 kernels, blocked by channels: a packed matrix product, a tile of pixels x channel vectors
 * in registers, input channels by lane.
 */
export const pointwise: ConvSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const x = storageOf(generic, "x");
  const inputs = pixelsBefore(x, 2) ? "rows" : "planes";
  const orders = ordersFor(generic, d, target);
  const block = blockOfComputed(generic);
  const form = { orders, inputs, apart: blockDistance(x, 2, target), cuts: true, block } as const;
  const tiles = pointwiseTiles(d, target, form);
  const tile = chosenTile(choose, tiles, pointwiseLabel);
  const order = choose(
    "order",
    tile.orders.map(({ order }) => order),
  );
  const { oh, ow, ocv } = tile;
  const oct = ocv * lanes;
  const start = packedWeights(generic as Schedule<ConvAxes>, oct, tile.ic);
  const schedule = keepsWeights(order)
    ? weightsStay(start, d, tile, order, target)
    : pixelsStay(start, tile, order, d, target);
  const choice = `${oh} rows x ${ow} columns x ${oct} channels in registers, ${STAYS[order]}`;
  return { schedule, choice, intents: keepPixels(oh * ow, target) };
};

/** Output channels that a tile of such a convolution has, as estimated: weights that are computed lie in blocks of as many. */
export function usualBlock(sizes: ConvDims, target: Target): number {
  const pixels = sizes.SH * sizes.SW === 1 ? { OH: 1, OW: sizes.OH * sizes.OW } : sizes;
  const d = { ...sizes, ...pixels, IH: pixels.OH * sizes.SH, IW: pixels.OW * sizes.SW };
  const [{ ocv }] = pointwiseTiles(d, target, { orders: ["weights", "pixels", "packed"] });
  return ocv * target.isa.lanes;
}

/** Output channels of a block of weights that are computed, where they lie in several; undefined: a tile may have any. */
function blockOfComputed(s: Schedule): number | undefined {
  const block = storageOf(s, "w")?.dims.find(({ part, dim }) => part === "inner" && dim === 1);
  return block?.part === "inner" ? block.factor : undefined;
}

function weightsStay(
  start: Schedule<ConvAxes>,
  d: ConvSizes,
  tile: PointwiseTile,
  order: WeightsOrder,
  target: Target,
): Schedule {
  const { lanes } = target.isa;
  const oct = tile.ocv * lanes;
  const few = d.N * d.G * (d.OC / oct) < ENOUGH_CHUNKS;
  const outside = splitChannels(start, oct, lanes).reorder("n", "g", "oco", "oh", "ow", "ocv", "oci");
  const tiles = outputsAhead(pixelTiles(outside, tile, d, target, order), d, target);
  return few ? shareTiles(tiles, d, tile, ["n", "g", "oco"]) : tiles.parallel("n", "g", "oco");
}

function pixelsStay(
  start: Schedule<ConvAxes>,
  tile: PointwiseTile,
  order: LoopOrder,
  d: ConvSizes,
  target: Target,
): Schedule {
  const { lanes } = target.isa;
  const outside = tilesOf(start.reorder("n", "g", "oh", "ow", "oc"), tile).reorder("oc", "ohi", "owi");
  const tiled = splitChannels(outside, tile.ocv * lanes, lanes).reorder("ocv", "ohi", "owi", "oci");
  return shareTiles(inputsStay(tiled, tile, order, d, target), d, tile, ["n", "g"]);
}

/** Lets threads share rows of tiles, where tiles divide them, or the tiles of a row that is all there is, beside the loops `outside`. */
function shareTiles<A extends string>(
  s: Schedule<A | "oho" | "owo">,
  d: ConvSizes,
  { oh }: PointwiseTile,
  outside: readonly A[],
): Schedule {
  // the smaller tile at its end is a nest of its own
  if (d.OH === 1) return s.fission(...outside, "oho").parallel(...outside, "oho", "owo") as Schedule;
  return s.parallel(...outside, ...(d.OH % oh === 0 ? (["oho"] as const) : [])) as Schedule;
}

/** Tiles of pixels; those at the end of rows and maps may be smaller. */
export function tilesOf<A extends string>(s: Schedule<A | "oh" | "ow">, tile: PointwiseTile) {
  return (s as unknown as Schedule<"oh" | "ow">)
    .split("oh", tile.oh, ["oho", "ohi"], "cut")
    .reorder("ow", "ohi")
    .split("ow", tile.ow, ["owo", "owi"], "cut") as unknown as Schedule<
    Exclude<A, "oh" | "ow"> | "oho" | "ohi" | "owo" | "owi"
  >;
}

/** Below loops over tiles of pixels, then blocks of channels: a tile's inputs stay while the weights pass by. */
export function inputsStay<A extends string>(
  tiled: Schedule<TileAxes | A>,
  tile: PointwiseTile,
  order: LoopOrder,
  d: ConvSizes,
  target: Target,
) {
  return order === "packed"
    ? products(packedInputs(tiled, tile, d, target), "oco", tile, d, target)
    : askedBeside(products(tiled, "oco", tile, d, target), order, tile, d, target);
}

/** Asks, beside the products of a tile block by block, for the inputs of the tile below or of the next one. */
function askedBeside(
  s: Schedule,
  order: LoopOrder,
  tile: PointwiseTile,
  d: ConvSizes,
  target: Target,
): Schedule {
  const asked = askedTile(order, d, target, tile);
  const loop = asked && loopTo(asked, s);
  if (asked === undefined || loop === undefined) return s;
  const each = { icu: 1, ohi: 1, owi: pixelsApart(asked, tile.ow, d, target) };
  return s.prefetchIfFew("x", loop, 1, each, "ico", "own");
}

const CHANNELS_FIRST = ["ocv", "ohi", "owi"] as const;
/** Where each input is broadcast: it is used by all vectors of weights, which stay, before the next one is. */
const PIXELS_FIRST = ["ohi", "owi", "ocv"] as const;

/** A tile of pixels x vectors of channels for each turn of the loop `at`. */
function products<A extends string>(
  s: Schedule<TileAxes | A>,
  at: "owo" | "oco",
  tile: PointwiseTile,
  d: ConvSizes,
  target: Target,
) {
  const byLane = target.isa.ops.fmaLane !== undefined;
  const done = (s as unknown as Schedule<TileAxes>)
    .stage("acc", at)
    .fission("ocv", "ohi", "owi", "oci")
    .split("ic", tile.ic, ["icb", "ici"])
    .split("icb", tile.blocks, ["ico", "icu"])
    .reorder("kh", "kw", "ico", "icu", "ici", ...(byLane ? CHANNELS_FIRST : PIXELS_FIRST), "oci");
  const asked = done.unroll("kh", "kw", "icu", "ici", "ocv", "ohi", "owi").vectorize("oci");
  const other = at === "oco" ? residualTile(d, target, tile) : undefined;
  const owi = pixelsApart(other ?? "next", tile.ow, { ...d, SW: 1 }, target);
  const rows = { ocv: 1, ohi: 1, owi };
  const loop = other && loopTo(other, done as unknown as Schedule);
  if (loop === undefined) return residualAhead(asked, d, target, at, rows);
  return residualAhead(asked as Schedule, d, target, loop, rows, "owi", at);
}

/** Asks for the inputs of the next tile of a row, where they come from beyond the nearest cache in more planes than a prefetcher follows. */
function inputsAhead<A extends string>(
  s: Schedule<A | "owo">,
  d: ConvSizes,
  target: Target,
): Schedule<A | "owo"> {
  const { lanes } = target.isa;
  const rows = { ohi: 1, owi: LINE_BYTES / vectorBytes(target.isa), ic: lanes } as Partial<
    Record<A | "owo", number>
  >;
  const planes = d.IC / lanes;
  return planes <= MOST_ASKED && isUnforeseen(planes, inputBytes(d, target), target) && s.extent("owo") > 1
    ? s.prefetchIfFew("x", "owo", 1, rows)
    : s;
}

/**
 * Below loops over pixels with vectors of channels innermost: a tile of pixels x vectors in registers, blocks of input
 * channels written out. Streamed, the inputs of the tile below, or of the next one, are asked for beside the products of this one's blocks.
 */
export function pixelTiles(
  s: Schedule<VectorAxes>,
  tile: PointwiseTile,
  d: ConvSizes,
  target: Target,
  order: WeightsOrder = "weights",
) {
  const tiled = tilesOf(s, tile).reorder("ocv", "ohi", "owi", "oci");
  if (order === "weights") {
    return weightsAhead(products(inputsAhead(tiled, d, target), "owo", tile, d, target), d, tile, target);
  }
  return askedBeside(products(tiled, "owo", tile, d, target), order, tile, d, target);
}

/** Tiles of pixels that use a block of weights, at most, where it is asked for: behind more of them the first one's waits are few. */
const FEW_TILES = 24;

/** Asks for the next block of weights where it comes from memory for a few tiles: faster than one sequence of lines is followed. */
function weightsAhead<A extends string>(
  s: Schedule<A>,
  d: ConvSizes,
  tile: PointwiseTile,
  target: Target,
): Schedule<A> {
  const tiles = Math.ceil(d.OH / tile.oh) * Math.ceil(d.OW / tile.ow);
  if (!target.core.asksAhead || tiles < 2 || tiles > FEW_TILES) return s;
  const line = LINE_BYTES / floatBytes(target.isa);
  const [ocv, ici] = [line / target.isa.lanes, line / (tile.ocv * target.isa.lanes)].map((n) =>
    Math.max(1, Math.floor(n)),
  );
  const next = s as unknown as Schedule<"oco" | "ico" | "icu" | "ici" | "ocv">;
  return next.prefetchIfFew("w", "oco", 1, { icu: 1, ici, ocv }, "ico") as unknown as Schedule<A>;
}

/** Asks, at the start of each tile, for the lines it will write of a map that no second cache holds. */
function outputsAhead<A extends string>(s: Schedule<A>, d: ConvSizes, { core, isa }: Target): Schedule<A> {
  if (!core.asksAhead || d.N * d.G * d.OC * d.OH * d.OW * floatBytes(isa) <= core.l2Bytes) return s;
  const tile = s as unknown as Schedule<"owo" | "ocv" | "ohi" | "owi">;
  const owi = Math.max(1, LINE_BYTES / vectorBytes(isa));
  return tile.prefetchIfFew("y", "owo", 0, { ocv: 1, ohi: 1, owi }) as unknown as Schedule<A>;
}
