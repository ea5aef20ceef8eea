import type { Intent } from "../../artifact/intent.ts";
import { floatOf, takesHalfVectors, vectorBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { LINE_BYTES } from "../estimate/memory-waits.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { Scheduled } from "../op.ts";
import { rowBelow } from "../row-below.ts";
import {
  blockDistance,
  blockedBy,
  chosenTile,
  inWholeBlocks,
  isWidened,
  keepTile,
  storageOf,
  WRITTEN_OUT,
} from "../tiles.ts";
import type { ConvSchedule } from "./algorithm.ts";
import type { ConvAxes, VectorAxes } from "./conv-axes.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";
import { type DirectTile, directLabel, directTiles } from "./direct-tile.ts";
import { groupLabel, groupTiles } from "./group-tile.ts";
import { BLOCKS_AHEAD, type LoopOrder } from "./loop-order.ts";
import { blockOf, directWeights, packedBias, packedConstants, packedWeights } from "./packed-weights.ts";
import { askedTile, loopTo, type PixelTile } from "./tile-below.ts";

/** Fewer chunks than this leave threads idle at the end: then rows are handed out too. */
export const ENOUGH_CHUNKS = 16;

/**
 * Output channels in lanes, a tile of columns x channel vectors in registers, input channels by lane.
 * y is blocked by channels, x too or planar; needs OC divisible by the lanes.
 */
export const direct: ConvSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const x = storageOf(generic, "x");
  const inRows = !blockedBy(x, 2);
  const tiles = directTiles(d, target, inRows, blockDistance(x, 2, target));
  const tile = chosenTile(choose, tiles, directLabel);
  const order = choose(
    "order",
    tile.orders.map(({ order }) => order),
  );
  const oct = tile.ocv * lanes;
  const start = directWeights(generic as Schedule<ConvAxes>, tile, d, lanes);
  const schedule =
    order === "weights"
      ? directWeightsStay(start, tile, d, target)
      : directPixelsStay(start, tile, order, d, target);
  const choice = `${tile.ow} columns x ${oct} channels in registers, kernel ${written(tile)}, ${order} stay`;
  return { schedule, choice, intents: directIntents(tile, inRows, target) };
};

/** What a direct tile's products ask of a C compiler. */
export function directIntents(tile: DirectTile, inRows: boolean, target: Target): readonly Intent[] {
  // halves come and go among the sums, which a compiler would move
  if (tile.inPixels > 0 || takesHalfVectors(target) || floatOf(target.isa) === "f16") return keepTile(target);
  // a vector of neighbouring pixels goes into some of the sums, the next into others: a compiler may rename those in between
  return inRows ? [...WRITTEN_OUT, "keep-chains"] : WRITTEN_OUT;
}

function directWeightsStay(
  start: Schedule<ConvAxes>,
  tile: DirectTile,
  d: ConvSizes,
  target: Target,
): Schedule {
  const { lanes } = target.isa;
  const chunks = (d.N * d.G * d.OC) / (tile.ocv * lanes);
  const tiled = splitChannels(start, tile.ocv * lanes, lanes)
    .reorder("n", "g", "oco", "oh", "ow", "ocv", "oci")
    .split("ow", tile.ow, ["owo", "owi"], "cut");
  const rows = chunks < ENOUGH_CHUNKS ? (["oh"] as const) : [];
  const products = directProducts(tiled, "owo", tile, d, target);
  const asks = blockedBy(storageOf(start, "x"), 2) && tile.inPixels === 0;
  const done = asks ? rowBelow(products, d, { channels: d.N * d.G * d.IC, target, rows: "oh" }) : products;
  return done.parallel("n", "g", "oco", ...rows);
}

function directPixelsStay(
  start: Schedule<ConvAxes>,
  tile: DirectTile,
  order: LoopOrder,
  d: ConvSizes,
  target: Target,
): Schedule {
  const { lanes } = target.isa;
  const pixels = start
    .reorder("n", "g", "oh", "ow", "oc")
    .split("ow", tile.ow, ["owo", "owi"], "cut")
    .reorder("oc", "owi");
  const tiled = splitChannels(pixels, tile.ocv * lanes, lanes).reorder("owi", "ocv", "oci");
  const inputs = order === "packed" ? packedInputs(tiled, { oh: 1, ...tile }, d, target) : tiled;
  return directProducts(inputs, "oco", tile, d, target).parallel("n", "g", "oh");
}

export function directProducts<A extends string>(
  s: Schedule<VectorAxes | A>,
  at: "owo" | "oco",
  tile: DirectTile,
  d: ConvSizes,
  target: Target,
) {
  const ic = blockOf(d, target.isa.lanes);
  const staged = (s as unknown as Schedule<VectorAxes | "owo" | "owi">)
    .stage("acc", at)
    .fission("owi", "ocv", "oci");
  if (tile.inPixels > 0) {
    const done = staged
      .split("ic", ic, ["icb", "ici"])
      .split("icb", tile.inPixels, ["ico", "icu"])
      .reorder("kh", "kw", "ico", "icu", "ici", "owi", "ocv", "oci")
      .unroll("icu", "owi", "ocv", "ici")
      .vectorize("oci");
    return residualAhead(done, d, target, at, { ocv: 1 });
  }
  const done = staged
    .split("ic", ic, ["ico", "ici"])
    .reorder("ico", "kh", "kw", "ici", "owi", "ocv", "oci")
    .unroll("owi", "ocv", "ici", ...(tile.unrollKw ? (["kw"] as const) : []))
    .unroll(...(tile.unrollKh ? (["kh"] as const) : []))
    .vectorize("oci");
  return residualAhead(done, d, target, at, { ocv: 1 });
}

/**
 * Asks for the residuals of the next turn of the loop `axis`: in another plane, or beyond what a prefetcher follows beside the
 * inputs. `over`: loops between that loop and the one over `columns`, or that too; `at`: the loop inside whose iterations ask for theirs.
 */
export function residualAhead<A extends string>(
  s: Schedule<A>,
  d: Pick<ConvSizes, "RES">,
  { core, isa }: Target,
  axis: A,
  over: Readonly<Record<string, number>>,
  columns = "owi",
  at?: A,
): Schedule<A> {
  if (!d.RES || core.model === undefined || s.extent(axis) < 2) return s;
  const lines = { [columns]: LINE_BYTES / vectorBytes(isa), ...over } as Partial<Record<A, number>>;
  return s.prefetchIfFew("r", axis, 1, lines, at);
}

/**
 * The inputs of a tile of pixels side by side, channel block after channel block: one sequence of addresses, or one for each pixel of
 * windows that share none.
 */
export function packedInputs<A extends string>(
  s: Schedule<A>,
  tile: PixelTile & { readonly inPixels?: number },
  d: ConvSizes,
  target: Target,
): Schedule<A> {
  const inPixels = (tile.inPixels ?? 0) > 0;
  const { lanes } = target.isa;
  // a kernel of one column touches no pixels between those of its stride, and nobody copies them
  const apart = d.KW === 1 ? d.SW : 1;
  const copied = (s as unknown as Schedule<"owo">)
    .stage("x", { at: "owo", as: "xp" })
    .pack("xp", [
      ...dims(0, 1),
      ...(inPixels
        ? [inner(3, d.SH), inner(4, d.SW), outer(2, lanes), outer(3, d.SH), outer(4, d.SW)]
        : [outer(2, lanes), ...dims(3, 4)]),
      inner(2, lanes),
    ])
    .split("xp_2", lanes, ["xp_b", "xp_l"])
    .reorder("xp_b", "xp_3", "xp_4", "xp_l")
    .unroll("xp_3", "xp_4")
    .vectorize("xp_l");
  const lines = { xp_3: 1, xp_4: Math.max(1, Math.floor(LINE_BYTES / vectorBytes(target.isa) / apart)) };
  const soon = copied.prefetchIfFew("x", "xp_b", BLOCKS_AHEAD, lines) as Schedule;
  const other = askedTile("packed", d, target, tile);
  const loop = other && loopTo(other, soon);
  const asked = loop === undefined ? soon : soon.prefetchIfFew("x", loop, 1, lines, "xp_b");
  return asked as unknown as Schedule<A>;
}

/** Blocks of `oct` output channels as vectors; a last, smaller block is a nest of its own. */
export function splitChannels<A extends string>(s: Schedule<A | "oc">, oct: number, lanes: number) {
  return (s as unknown as Schedule<"oc">)
    .split("oc", oct, ["oco", "oct"], "cut")
    .split("oct", lanes, ["ocv", "oci"]) as unknown as Schedule<Exclude<A, "oc"> | "oco" | "ocv" | "oci">;
}

/** The same, in `parts` of as many channels. */
export function channelParts(
  s: Schedule<ConvAxes>,
  d: ConvSizes,
  parts: number,
  oct: number,
  ic: number,
  lanes: number,
) {
  return packedWeights(s, oct, ic)
    .split("oc", d.OC / parts, ["ocp", "ocq"])
    .split("ocq", oct, ["oco", "oct"])
    .split("oct", lanes, ["ocv", "oci"]);
}

export function written(tile: DirectTile): string {
  if (tile.inPixels > 0) return "pixel after pixel";
  if (tile.unrollKh) return "written out";
  return tile.unrollKw ? "columns written out" : "in loops";
}

/**
 * Neighbouring groups in lanes: every lane works on a group of its own, so groups of 1, 2, 3 channels fill
 * the vectors. x and y are blocked by groups; needs G divisible by the lanes.
 */
export const groupsInLanes: ConvSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const { oh, ow, oc, unrollAll } = chosenTile(choose, groupTiles(d, target), groupLabel);
  const rows = d.OH % oh === 0 && d.N * Math.ceil(d.G / lanes) * (d.OC / oc) < ENOUGH_CHUNKS;
  const order = [outer(0, lanes), outer(1, oc), ...dims(2, 3, 4), inner(1, oc), inner(0, lanes)];
  const tiled = packedBias(packedConstants(generic as Schedule<ConvAxes>, order), d, lanes)
    .split("g", lanes, ["go", "gi"])
    .split("oc", oc, ["oco", "oci"])
    .reorder("n", "go", "oco", "oh", "ow", "oci", "gi")
    .split("oh", oh, ["oho", "ohi"], "cut")
    .reorder("ow", "ohi")
    .split("ow", ow, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi", "ohi", "oci", "gi")
    .reorder("ic", "kh", "kw", "ohi", "owi", "oci", "gi");
  const asked = rowBelow(tiled, d, { channels: d.N * d.G * d.IC, target, rows: "oho", ohi: "ohi" })
    .unroll("owi", "ohi", "oci", "kw", ...(unrollAll ? (["ic", "kh"] as const) : []))
    .vectorize("gi");
  const schedule = asked.parallel("n", "go", "oco", ...(rows ? (["oho"] as const) : []));
  const choice = `${lanes} groups in lanes, ${oh} rows x ${ow} columns x ${oc} channels in registers`;
  // a depthwise layer waits for memory: of several tiles at a time more is read than the prefetcher of a core in order follows
  const apart = isWidened(target) && d.IC === 1 ? (["keep-loops"] as const) : [];
  return { schedule, choice, intents: [...WRITTEN_OUT, "no-hoisting", "no-sharing", ...apart] };
};

/** Nothing blocked: columns in lanes where the stride allows it. Right for any shape, fast for none. */
export const planar: ConvSchedule = (generic, d, target): Scheduled => {
  const s0 = generic as Schedule<ConvAxes>;
  const { lanes } = target.isa;
  if (d.SW !== 1 || d.OW < lanes) return { schedule: s0.parallel("n", "g"), choice: "plain loops" };
  const schedule = s0
    .split("ow", lanes, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi")
    .reorder("ic", "kh", "kw", "owi")
    .vectorize("owi")
    .parallel("n", "g");
  return { schedule, choice: `${lanes} columns in lanes` };
};

/** The schedule that the layout of y asks for. */
export function pickConv2d(s: Schedule, d: ConvSizes, target: Target): string {
  const y = storageOf(s, "y");
  const { lanes } = target.isa;
  if (inWholeBlocks(y, 2, d.OC, lanes)) return d.KH * d.KW === 1 ? "pointwise" : "direct";
  if (inWholeBlocks(y, 1, d.G, lanes)) return "groups-in-lanes";
  return "planar";
}
