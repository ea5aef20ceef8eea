import { vectorBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { ESTIMATE } from "../estimate/estimate-constants.ts";
import {
  begunWaits,
  displaced,
  foreseenWaits,
  LINE_BYTES,
  unforeseenWaits,
} from "../estimate/memory-waits.ts";
import { workCycles } from "../estimate/work-cycles.ts";

/**
 * What stays in the nearest cache while the rest passes by: the weights of a block of output channels, or the inputs of a
 * tile of pixels, as they lie or copied side by side first. "streamed": weights stay, which are all there are, and inputs, which then
 * are used once, are asked for beside the products of the tile above or before, block by block.
 */
export type LoopOrder = "weights" | "pixels" | "packed" | "streamed";

/** Blocks of channels before its turn that lines of one are asked for: the next one's, a plane away, is foreseen by no prefetcher. */
export const BLOCKS_AHEAD = 2;

/** Rows of tiles that threads can share; where there are fewer, blocks of channels are outside. */
const ENOUGH_ROWS = 4;

/** Orders in which the weights of a block of channels stay, so that threads share blocks. */
export type WeightsOrder = Extract<LoopOrder, "weights" | "streamed">;

export function keepsWeights(order: LoopOrder): order is WeightsOrder {
  return order === "weights" || order === "streamed";
}

/** Whether an order leaves no thread without work. */
export function isShared(order: LoopOrder, rowsOfTiles: number): boolean {
  return keepsWeights(order) || rowsOfTiles >= ENOUGH_ROWS;
}

/** A tile whose inputs take more than this is not copied: they would neither stay in a cache nor be a small part of a stack. */
const MOST_PACKED = 512 * 1024;

/** An order and what a tile is estimated to cost in it. */
export interface CostedOrder {
  readonly order: LoopOrder;
  /** Time for one group: cycles, or instructions where the core is not described. */
  readonly cost: number;
}

/** Orders, the one of least cost first; those that leave threads without work come last. */
export function rankedOrders(
  orders: readonly LoopOrder[],
  cost: (order: LoopOrder) => number,
  rowsOfTiles: number,
): readonly CostedOrder[] {
  const shared = (order: LoopOrder): boolean => isShared(order, rowsOfTiles);
  return orders
    .map((order) => ({ order, cost: cost(order) }))
    .sort((a, b) => Number(shared(b.order)) - Number(shared(a.order)) || a.cost - b.cost);
}

/** A convolution as tiles of pixels and blocks of output channels; sizes in bytes, for one group. */
export interface Tiling {
  readonly tiles: number;
  /** Tiles side by side. */
  readonly columns: number;
  /** Blocks of output channels. */
  readonly turns: number;
  readonly inputs: {
    /** From the first to the last, and what is brought of that once; what is then read again for other rows of tiles. */
    readonly span: number;
    readonly read: number;
    readonly overlap: number;
    /** The inputs of one row of tiles. */
    readonly rowOfTiles: number;
  };
  /** Inputs of one tile: runs side by side of so many bytes, `apart` from one to the next; `moves`: from tile to tile. */
  readonly window: {
    readonly runs: number;
    readonly run: number;
    readonly apart: number;
    readonly moves: number;
    /** Runs that follow no earlier one, while the tiles go over all inputs: each row of tiles but one begins where the last ended. */
    readonly begun: number;
  };
  /** A tile's inputs once they are copied side by side, without what lies between them. */
  readonly copied: number;
  /** Blocks of input channels. */
  readonly planes: number;
  /** Cycles of all loads of inputs that lie so far apart that they drive each other out of the nearest cache; none once they are copied. */
  readonly crowded: number;
  /**
   * While weights stay: part of the inputs that is asked for beside the row of outputs before, and turns of the innermost loop from one
   * asking to the next; absent: none is.
   */
  readonly asked?: { readonly part: number; readonly turns: number };
  /** The part of all inputs that an order does not ask for beside another tile; undefined: it asks for none so. */
  unasked(order: LoopOrder): number | undefined;
  readonly weights: { readonly all: number; readonly block: number };
  /** One turn of the innermost loop, and its cycles. */
  readonly inner: { readonly weights: number; readonly inputs: number; readonly busy: number };
  /** Sequences of outputs written side by side, and of residuals read. */
  readonly outputs: number;
}

/** Cycles an order of loops adds to the arithmetic: waits for lines of inputs and weights, and copying inputs. */
export function orderTime(t: Tiling, order: LoopOrder, target: Target): number {
  return keepsWeights(order) ? weightsStayTime(t, order, target) : pixelsStayTime(t, order, target);
}

/** Where a layer's inputs come from the first time. */
function far({ inputs }: Tiling): number {
  return inputs.span / ESTIMATE.stillThere;
}

/** Sequences of addresses that an order which copies nothing goes along at a time. */
function sequences({ window, outputs }: Tiling): number {
  return window.runs + outputs + 1;
}

/** Waits for so many bytes of inputs as they lie, which stay in `stays` bytes. */
function reading(t: Tiling, stays: number, bytes: number, target: Target): number {
  const count = sequences(t);
  const run = Math.max(1, t.window.moves / LINE_BYTES);
  return unforeseenWaits({ count, run, lines: bytes / LINE_BYTES, bytes: stays }, target);
}

/** Waits for so many bytes, `each` in a turn of the innermost loop, of what is read again and again and stays in `stays` bytes. */
function passing({ inner }: Tiling, stays: number, each: number, bytes: number, target: Target): number {
  const [burst, lines] = [each / LINE_BYTES, bytes / LINE_BYTES];
  return foreseenWaits({ burst, busy: inner.busy, lines, bytes: stays }, target);
}

/** Waits for all inputs as they lie, the first time. */
function readingAll(t: Tiling, target: Target): number {
  const begun = { count: sequences(t), begun: t.window.begun, bytes: far(t) };
  return reading(t, far(t), t.inputs.read, target) + begunWaits(begun, target);
}

function tileBytes({ window }: Tiling): number {
  return window.runs * window.run;
}

function weightsStayTime(t: Tiling, order: WeightsOrder, target: Target): number {
  const { inputs, weights, inner, turns, tiles } = t;
  // the block's weights come again for each tile where they do not stay beside its inputs
  const again = weights.block * turns * (tiles - 1);
  const weightsAgain = passing(t, weights.block + tileBytes(t), inner.weights, again, target);
  const unasked = t.unasked(order);
  const asked = unasked === undefined ? t.asked : { part: 1 - unasked, turns: 1 };
  const overlap = reading(t, inputs.rowOfTiles, inputs.overlap, target);
  const once = asked === undefined ? readingAll(t, target) + overlap : askedTime(t, asked, target);
  return turns * once + weightsAgain + t.crowded;
}

/** Asking for a part of the inputs ahead, and waits for all of them, once. */
function askedTime(t: Tiling, asked: NonNullable<Tiling["asked"]>, target: Target): number {
  const { inputs, inner } = t;
  const stream = {
    ...{ burst: inner.inputs / LINE_BYTES, busy: inner.busy * asked.turns },
    ...{ lines: (inputs.read * asked.part) / LINE_BYTES, bytes: far(t) },
  };
  const rest = reading(t, far(t), inputs.read * (1 - asked.part), target);
  return asksOnce(t, target) + foreseenWaits(stream, target) + rest;
}

/** Asking once for the inputs of every tile, beside products: a core in order does less else meanwhile. */
function asksOnce({ window, tiles }: Tiling, { core }: Target): number {
  const asks = tiles * window.runs * Math.ceil(window.run / LINE_BYTES);
  return asks * (core.inOrder ? 1 / (core.model?.width ?? 1) : ESTIMATE.unhidden);
}

function pixelsStayTime(t: Tiling, order: "pixels" | "packed", target: Target): number {
  const { inputs, window, weights, turns, tiles } = t;
  const overlap = reading(t, inputs.rowOfTiles, inputs.overlap, target);
  if (order === "packed") {
    if (t.copied > MOST_PACKED) return Number.POSITIVE_INFINITY;
    const gone = displaced({ runs: 1, run: t.copied, apart: 0, passing: weights.block }, target);
    return copyingTime(t, overlap, target) + besideWeights(t, t.copied, gone, target);
  }
  const tile = tileBytes(t);
  const gone = displaced({ ...window, passing: weights.block }, target);
  // a tile's inputs come again for each block of weights that passed by
  const apart = t.crowded + reading(t, target.core.l1dBytes + 1, tile * tiles * (turns - 1), target) * gone;
  const unasked = t.unasked(order);
  // beside every block of weights again
  const once =
    unasked === undefined
      ? readingAll(t, target)
      : askedTime(t, { part: 1 - unasked, turns: 1 }, target) + (turns - 1) * asksOnce(t, target);
  return once + overlap + besideWeights(t, tile, gone, target) + apart;
}

/**
 * Waits for all weights, which pass by for each tile of pixels, and for the part of the tile's inputs, `kept` bytes, that is `gone`
 * when the next block of weights needs it. One turn of the innermost loop asks for lines of both: from one cache, they queue.
 */
function besideWeights(t: Tiling, kept: number, gone: number, target: Target): number {
  const { weights, inner, turns, tiles } = t;
  const { l1dBytes, l2Bytes } = target.core;
  const stays = weights.all + kept;
  const innermost = (weights.all * tiles) / inner.weights;
  const waits = (each: number, from: number): number => passing(t, from, each, innermost * each, target);
  const again = (gone * (turns - 1)) / turns;
  const alone = waits(inner.weights, stays);
  return stays > l1dBytes && stays <= l2Bytes
    ? (1 - again) * alone + again * waits(inner.weights + inner.inputs, stays)
    : alone + again * waits(inner.inputs, l1dBytes + 1);
}

/** Copying the inputs of all tiles side by side, and waits for them. */
function copyingTime(t: Tiling, overlap: number, target: Target): number {
  const { inputs, planes, tiles } = t;
  const vectors = (t.copied * tiles) / vectorBytes(target.isa);
  const copying = workCycles({ products: 0, loads: vectors, stores: vectors, others: vectors / 2 }, target);
  // lines are asked for ahead, but for those of the first tiles, or of the first blocks of each
  const late = Math.min(BLOCKS_AHEAD / planes, t.unasked("packed") ?? 1);
  const burst = tileBytes(t) / planes / LINE_BYTES;
  const busy = copying / tiles / planes;
  const asked = { burst, busy, lines: (inputs.read / LINE_BYTES) * (1 - late), bytes: far(t) };
  return (
    copying + foreseenWaits(asked, target) + reading(t, far(t), inputs.read * late, target) + overlap * late
  );
}
