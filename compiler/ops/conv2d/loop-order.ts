import type { Target } from "../../machine/target.schema.ts";
import { ESTIMATE } from "../estimate/estimate-constants.ts";
import { displaced, foreseenWaits, LINE_BYTES, unforeseenWaits } from "../estimate/memory-waits.ts";
import { workCycles } from "../estimate/work-cycles.ts";

/**
 * What stays in the nearest cache while the rest passes by: the weights of a block of output channels, or the inputs of a
 * tile of pixels, as they lie or copied side by side first. "streamed": weights stay, which are all there are, and inputs, which then
 * are used once, are asked for a tile ahead, block by block beside the products.
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
  };
  /** A tile's inputs once they are copied side by side, without what lies between them. */
  readonly copied: number;
  /** Blocks of input channels. */
  readonly planes: number;
  /** Cycles of all loads of inputs that lie so far apart that they drive each other out of the nearest cache; none once they are copied. */
  readonly crowded: number;
  readonly weights: { readonly all: number; readonly block: number };
  /** One turn of the innermost loop, and its cycles. */
  readonly inner: { readonly weights: number; readonly inputs: number; readonly busy: number };
  /** Sequences of outputs written side by side. */
  readonly outputs: number;
}

/** Cycles an order of loops adds to the arithmetic: waits for lines of inputs and weights, and copying inputs. */
export function orderTime(t: Tiling, order: LoopOrder, target: Target): number {
  const { inputs, window, weights, inner, turns, tiles } = t;
  const count = window.runs + t.outputs + 1;
  const run = Math.max(1, window.moves / LINE_BYTES);
  const reading = (stays: number, bytes: number): number =>
    unforeseenWaits({ count, run, lines: bytes / LINE_BYTES, bytes: stays }, target);
  const passing = (stays: number, each: number, bytes: number): number =>
    foreseenWaits(
      { burst: each / LINE_BYTES, busy: inner.busy, lines: bytes / LINE_BYTES, bytes: stays },
      target,
    );
  const tile = window.runs * window.run;
  const far = inputs.span / ESTIMATE.stillThere;
  const overlap = reading(inputs.rowOfTiles, inputs.overlap);
  // the block's weights come again for each tile where they do not stay beside its inputs
  const weightsAgain = passing(weights.block + tile, inner.weights, weights.block * turns * (tiles - 1));
  if (order === "weights") return turns * (reading(far, inputs.read) + overlap) + weightsAgain + t.crowded;
  if (order === "streamed") {
    // nobody asks for the first tile of a row
    const unasked = 1 / t.columns;
    const lines = (inputs.read / LINE_BYTES) * (1 - unasked);
    const asks = tiles * window.runs * Math.ceil(window.run / LINE_BYTES);
    const asking = workCycles({ products: 0, loads: asks, stores: 0, others: 0 }, target);
    const asked = foreseenWaits(
      { burst: inner.inputs / LINE_BYTES, busy: inner.busy, lines, bytes: far },
      target,
    );
    return asking + asked + reading(far, inputs.read * unasked) + weightsAgain + t.crowded;
  }
  const kept = order === "packed" ? t.copied : tile;
  const streamed = passing(weights.all + kept, inner.weights, weights.all * tiles);
  // a tile's inputs come again for each block of weights that passed by
  const again = kept * tiles * (turns - 1);
  if (order === "pixels") {
    const missed = displaced({ ...window, passing: weights.block }, target);
    const apart = t.crowded + reading(target.core.l1dBytes + 1, again) * missed;
    return reading(far, inputs.read) + overlap + streamed + apart;
  }
  if (t.copied > MOST_PACKED) return Number.POSITIVE_INFINITY;
  const vectors = (t.copied * tiles) / 4 / target.isa.lanes;
  const copying = workCycles({ products: 0, loads: vectors, stores: vectors, others: vectors / 2 }, target);
  // lines are asked for ahead, but for those of the first blocks
  const unasked = Math.min(1, BLOCKS_AHEAD / t.planes);
  const burst = tile / t.planes / LINE_BYTES;
  const busy = copying / tiles / t.planes;
  const asked = { burst, busy, lines: (inputs.read / LINE_BYTES) * (1 - unasked), bytes: far };
  return (
    copying +
    foreseenWaits(asked, target) +
    reading(far, inputs.read * unasked) +
    overlap * unasked +
    streamed +
    passing(t.copied + weights.block, inner.inputs, again)
  );
}
