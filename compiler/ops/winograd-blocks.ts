import type { Dims } from "../language/kernel.ts";
import { divisors } from "../schedule/choose.ts";
import type { Target } from "../target/target.schema.ts";
import { cheapest, offered, sumsBand, upTo } from "./tiles.ts";

/** An operator that convolves by Winograd's algorithm, and what its parts cost. */
export interface Winograd {
  readonly op: "winograd4" | "winograd6";
  /** Rows and columns of outputs of a tile; its inputs are two more. */
  readonly tile: 4 | 6;
  /** Instructions for one tile and vector of channels, counted in the C compiler's output. */
  readonly inputTransform: number;
  readonly outputTransform: number;
}

export const WINOGRADS: readonly Winograd[] = [
  { op: "winograd4", tile: 4, inputTransform: 245, outputTransform: 160 },
  { op: "winograd6", tile: 6, inputTransform: 620, outputTransform: 480 },
];

/** How a map is cut into tiles: RB x CB blocks of TR x TC tiles, the last ones hanging over. */
export interface WinogradBlocks {
  readonly RB: number;
  readonly TR: number;
  readonly CB: number;
  readonly TC: number;
}

/** A choice of both. */
export interface WinogradPlan {
  readonly winograd: Winograd;
  readonly blocks: WinogradBlocks;
}

/** Loops around the products, relative to their multiply-adds. */
const PRODUCT_LOOPS = 0.05;
const DIRECT_OVERHEAD = 1.2;
/** What must be saved for transformed arithmetic to be worth its rounding. */
const WORTH_IT = 0.85;
/** Transformed tiles of one block take at most this much of a thread's stack; the more tiles, the less often weights are read. */
const BLOCK_BYTES = 1536 * 1024;

/**
 * The algorithms of fewer instructions than the direct convolution of one group, each with its best blocks, cheapest
 * first; none where Winograd does not apply (only 3x3, stride 1, whole vectors of channels).
 */
export function winogradPlans(d: Dims, lanes: number, registers: number): readonly WinogradPlan[] {
  const applies =
    d.KH === 3 && d.KW === 3 && d.SH * d.SW * d.DH * d.DW === 1 && d.IC % lanes === 0 && d.OC % lanes === 0;
  if (!applies) return [];
  const direct = (d.OH * d.OW * 9 * d.IC * d.OC * DIRECT_OVERHEAD) / lanes;
  return WINOGRADS.map((winograd) => ({ winograd, ...cheapestBlocks(winograd, d, lanes, registers) }))
    .filter(({ cost }) => cost < WORTH_IT * direct)
    .sort((a, b) => a.cost - b.cost);
}

function cheapestBlocks(
  { tile, inputTransform, outputTransform }: Winograd,
  d: Dims,
  lanes: number,
  registers: number,
): { readonly blocks: WinogradBlocks; readonly cost: number } {
  const points = (tile + 2) ** 2;
  const rows = Math.ceil(d.OH / tile);
  const columns = Math.ceil(d.OW / tile);
  const transforms = (inputTransform * d.IC + (outputTransform + points) * d.OC) / lanes;
  const candidates = upTo(Math.min(rows, 4)).flatMap((TR) =>
    upTo(Math.min(columns, 14)).map((TC) => {
      const blocks = { RB: Math.ceil(rows / TR), TR, CB: Math.ceil(columns / TC), TC };
      const loads = cheapest(fittingProducts(TR, TC, d.OC, lanes, registers)).cost;
      const products = (points * d.IC * d.OC * (1 + loads + PRODUCT_LOOPS)) / lanes;
      const large = (d.IC + d.OC) * TR * TC * points * 4 > BLOCK_BYTES ? 10 : 1;
      return { blocks, cost: blocks.RB * TR * blocks.CB * TC * (transforms + products) * large };
    }),
  );
  return cheapest(candidates);
}

/** Register tile of the products: rows and columns of tiles, and vectors of output channels. */
export interface ProductTile {
  readonly rows: number;
  readonly columns: number;
  readonly ocv: number;
  /** Loads for each multiply-add. */
  readonly cost: number;
}

/** A tile as an option of the knob `tile`: rows x columns of tiles x vectors of channels. */
export function productLabel({ rows, columns, ocv }: ProductTile): string {
  return `${rows}x${columns}x${ocv}`;
}

/** Tiles worth trying, first the one with the fewest loads for each multiply-add among those that fit the registers. */
export function productTiles(...sizes: Parameters<typeof fittingProducts>): readonly ProductTile[] {
  return offered(
    fittingProducts(...sizes),
    ({ rows, columns, ocv }) => `${ocv} ${sumsBand(rows * columns * ocv)}`,
  );
}

function fittingProducts(
  TR: number,
  TC: number,
  OC: number,
  lanes: number,
  registers: number,
): readonly ProductTile[] {
  return divisors(TR).flatMap((rows) =>
    divisors(TC).flatMap((columns) =>
      divisors(OC / lanes).flatMap((ocv) => {
        const tiles = rows * columns;
        // one side's vectors stay while the other's pass by
        if (tiles * ocv + Math.min(tiles, lanes * ocv) > registers) return [];
        return [{ rows, columns, ocv, cost: 1 / (lanes * ocv) + 1 / tiles }];
      }),
    ),
  );
}

/** A loop over fewer blocks of input channels than this is left alone: what is written out must be worth its set-up. */
const MANY_BLOCKS = 8;

/**
 * Blocks of input channels written out one after another: all of one or two, else up to four of many. Without lane
 * operands a block is long enough, and gcc would keep the weights of two for the next tiles, and spill them.
 */
export function writtenOut(blocks: number, target: Target): number {
  if (target.isa.ops.fmaLane === undefined) return 1;
  if (blocks <= 2) return blocks;
  return blocks < MANY_BLOCKS ? 1 : Math.max(...divisors(blocks).filter((f) => f <= 4));
}
