import type { Dims } from "../language/kernel.ts";
import type { Target } from "../target/target.schema.ts";
import { displaced, foreseenWaits, LINE_BYTES, unforeseenWaits } from "./memory-waits.ts";
import {
  offered,
  pieces,
  productCost,
  SUMS_UNDER_WAY,
  shortBlockBudget,
  sumsBand,
  upTo,
} from "./tiles.ts";
import { workCycles } from "./work-cycles.ts";

/**
 * What stays in the nearest cache while the rest passes by: the weights of a block of output channels, or the inputs of a
 * tile of pixels, as they lie or copied side by side first.
 */
export type PointwiseOrder = "weights" | "pixels" | "packed";

/** Register tile of a convolution of 1x1 kernels: rows and columns of pixels, vectors of output channels. */
export interface PointwiseTile {
  readonly oh: number;
  readonly ow: number;
  readonly ocv: number;
  /** Input channels of a block, taken by lane; and how many blocks are written out one after another. */
  readonly ic: number;
  readonly blocks: number;
}

/** A tile with the orders of loops around it, the one of least cost first. */
export interface CostedTile extends PointwiseTile {
  readonly orders: readonly PointwiseOrder[];
  /** Estimated time for one group in the first order: cycles, or instructions where the core is not described. */
  readonly cost: number;
}

/** A tile as an option of the knob `tile`: rows x columns x vectors of channels. */
export function pointwiseLabel({ oh, ow, ocv }: PointwiseTile): string {
  return `${oh}x${ow}x${ocv}`;
}

/** Instructions of the loop over input channels: two pointers, compare, branch. */
const LOOP_OVERHEAD = 4;
/** Address arithmetic and pointer set-up of one tile. */
const TILE_OVERHEAD = 10;
/** Part of a cache that one operand has to itself, as others pass through it. */
const SHARE = 0.75;

/** Blocks of channels before its turn that lines of one are asked for: the next one's, a plane away, is foreseen by no prefetcher. */
export const BLOCKS_AHEAD = 2;

/**
 * Tiles worth trying, first the one that is estimated to take the least time among those that fit the registers.
 * @param held registers that are taken for each vector of output channels, besides the tile's
 * @param orders those that the schedule has
 */
export function pointwiseTiles(
  d: Dims,
  target: Target,
  held = 0,
  orders: readonly PointwiseOrder[] = ["weights"],
): readonly CostedTile[] {
  const { lanes } = target.isa;
  const vectors = Math.max(1, Math.floor(d.OC / lanes));
  const ic = d.IC % lanes === 0 ? lanes : d.IC;
  const blocks = d.IC % (2 * lanes) === 0 ? 2 : 1;
  // two rows share weights; where a row alone shares them among enough sums, it is read more evenly
  const rows = target.isa.ops.fmaLane || d.OW < SUMS_UNDER_WAY ? 2 : 1;
  const candidates = upTo(Math.min(d.OH, rows)).flatMap((oh) =>
    upTo(Math.min(d.OW, 24)).flatMap((ow) =>
      upTo(Math.min(vectors, 6))
        .filter((ocv) => vectors % ocv === 0)
        .flatMap((ocv) => costed(d, target, { oh, ow, ocv, ic, blocks }, held * ocv, orders)),
    ),
  );
  return offered(candidates, ({ oh, ow, ocv }) => `${oh} ${ocv} ${sumsBand(oh * ow * ocv)}`);
}

function costed(
  d: Dims,
  target: Target,
  tile: PointwiseTile,
  held: number,
  orders: readonly PointwiseOrder[],
): readonly CostedTile[] {
  const arithmetic = tilesTime(d, tile, target, held);
  // rows are what threads share where pixels stay
  const ranked = orders
    .filter((order) => order === "weights" || d.OH % tile.oh === 0)
    .map((order) => ({ order, cost: arithmetic + orderTime(d, tile, order, arithmetic, target) }))
    .sort((a, b) => a.cost - b.cost);
  return ranked.slice(0, 1).map(({ cost }) => ({ ...tile, orders: ranked.map(({ order }) => order), cost }));
}

/** Time of all tiles while their data are at hand. */
function tilesTime(d: Dims, tile: PointwiseTile, target: Target, held: number): number {
  let time = 0;
  for (const rows of pieces(d.OH, tile.oh)) {
    for (const columns of pieces(d.OW, tile.ow)) {
      const one = tileTime(d, { ...tile, oh: rows.length, ow: columns.length }, target, held);
      time += rows.count * columns.count * one;
    }
  }
  return (time * Math.floor(d.OC / target.isa.lanes)) / tile.ocv;
}

function tileTime(d: Dims, { oh, ow, ocv, ic, blocks }: PointwiseTile, target: Target, held: number): number {
  const { ops } = target.isa;
  const sums = oh * ow * ocv;
  // without lane operands each broadcast is a load of its own, but one that is used once is an operand of its multiply-add
  const broadcasts = ocv === 1 ? 0 : oh * ow;
  const inputs = ops.fmaLane ? oh * ow : broadcasts * ic;
  const block = workCycles(
    {
      products: sums * ic * productCost(sums, target) + (movesSums(ocv, sums, target) ? sums : 0),
      loads: inputs + ic * ocv,
      stores: 0,
      others: LOOP_OVERHEAD / blocks,
    },
    target,
  );
  const clamped = (Number.isFinite(d.LO) ? 1 : 0) + (Number.isFinite(d.HI) ? 1 : 0);
  const ends = workCycles(
    {
      products: 0,
      loads: d.RES ? sums : 0,
      stores: sums,
      others: sums * (1 + (d.RES ? 1 : 0) + clamped) + TILE_OVERHEAD,
    },
    target,
  );
  // one buffer's vectors stay, the other's pass by one after another
  const staying = ops.fmaLane ? Math.min(ic * ocv, oh * ow) : Math.max(1, broadcasts);
  const pressure = sums + staying + 2 + held;
  return ((d.IC / ic) * block + ends) * (1 + Math.max(0, pressure - shortBlockBudget(target)));
}

/**
 * With one vector of weights and more inputs than stay in registers, these pass by and take all lanes in a row: the C
 * compiler moves each sum to another register and back.
 */
function movesSums(ocv: number, sums: number, { isa }: Target): boolean {
  return isa.ops.fmaLane !== undefined && ocv === 1 && 2 * sums + 1 > isa.registers - 4;
}

/** What an order of loops adds: waits for lines of inputs and weights, and copying inputs. */
function orderTime(
  d: Dims,
  tile: PointwiseTile,
  order: PointwiseOrder,
  arithmetic: number,
  target: Target,
): number {
  const { lanes } = target.isa;
  const pixels = tile.oh * tile.ow;
  const oct = tile.ocv * lanes;
  const turns = Math.floor(d.OC / oct);
  const tiles = (d.OH * d.OW) / pixels;
  const written = tile.ic * tile.blocks;
  const busy = (arithmetic * written) / (d.IC * tiles * turns);
  const map = d.IC * d.OH * d.OW * d.SW * 4;
  const weights = d.IC * d.OC * 4;
  const ofTile = { inputs: d.IC * pixels * 4, weights: d.IC * oct * 4 };
  // every block of input channels is a sequence for each row, of which a tile takes a few lines; so is one of outputs
  const planes = d.IC / tile.ic;
  const run = tile.ow * d.SW * lanes * 4;
  const count = (planes + tile.ocv) * tile.oh + 1;
  const reading = (bytes: number, read: number): number =>
    unforeseenWaits({ count, run: Math.max(1, run / LINE_BYTES), lines: read / LINE_BYTES, bytes }, target);
  const passing = (bytes: number, each: number, read: number): number =>
    foreseenWaits({ burst: (written * each * 4) / LINE_BYTES, busy, lines: read / LINE_BYTES, bytes }, target);

  if (order === "weights") {
    // the block's weights come again for each tile where they do not stay beside its inputs
    return reading((map * d.SH) / SHARE, map * turns) + passing(ofTile.weights + ofTile.inputs, oct, weights * (tiles - 1));
  }
  const ofMap = (map * d.SH) / SHARE;
  const streamed = passing(weights + ofTile.inputs, oct, weights * tiles);
  // a tile's inputs come again for each block of weights that passed by
  const again = (map / d.SW) * (turns - 1);
  if (order === "pixels") {
    const apart = ((d.IH ?? d.OH * d.SH) * (d.IW ?? d.OW * d.SW) * tile.ic * 4) / tile.oh;
    const runs = { runs: planes * tile.oh, bytes: run, apart, passing: ofTile.weights };
    const missed = reading(target.core.l1dBytes + 1, again) * displaced(runs, target);
    return reading(ofMap, map) + streamed + missed;
  }
  const vectors = map / 4 / lanes;
  const copying = workCycles({ products: 0, loads: vectors, stores: vectors, others: vectors / 2 }, target);
  // lines are asked for ahead, but for those of the first blocks
  const unasked = Math.min(1, BLOCKS_AHEAD / planes);
  const burst = (tile.oh * run) / LINE_BYTES;
  const lines = map / LINE_BYTES;
  const asked = { burst, busy: (copying * burst) / lines, lines: lines * (1 - unasked), bytes: ofMap };
  return (
    copying +
    foreseenWaits(asked, target) +
    reading(ofMap, map * unasked) +
    streamed +
    passing(ofTile.inputs + ofTile.weights, pixels, again)
  );
}
