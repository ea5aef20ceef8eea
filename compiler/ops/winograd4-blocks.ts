import type { Dims } from "../language/kernel.ts";
import { divisors } from "../schedule/choose.ts";
import { cheapest, upTo } from "./tiles.ts";

/** How a map is cut into tiles of 4x4 outputs: RB x CB blocks of TR x TC tiles, the last ones hanging over. */
export interface WinogradBlocks {
  readonly RB: number;
  readonly TR: number;
  readonly CB: number;
  readonly TC: number;
}

/** Instructions for one tile and vector of channels, counted in the C compiler's output. */
const INPUT_TRANSFORM = 257;
const OUTPUT_TRANSFORM = 168;
/** Loops around the products, relative to their multiply-adds. */
const PRODUCT_LOOPS = 0.05;
const DIRECT_OVERHEAD = 1.2;
/** What must be saved for transformed arithmetic to be worth its rounding. */
const WORTH_IT = 0.85;
/** Transformed tiles of one block take at most this much of a thread's stack; the more tiles, the less often weights are read. */
const BLOCK_BYTES = 1536 * 1024;
const POINTS = 36;

/**
 * The blocks in which Winograd's F(4x4, 3x3) costs the fewest instructions for one group; undefined where
 * the direct convolution is as good, or where it does not apply (only 3x3, stride 1, whole vectors of channels).
 */
export function winogradBlocks(d: Dims, lanes: number, registers: number): WinogradBlocks | undefined {
  const applies =
    d.KH === 3 && d.KW === 3 && d.SH * d.SW * d.DH * d.DW === 1 && d.IC % lanes === 0 && d.OC % lanes === 0;
  if (!applies) return undefined;
  const rows = Math.ceil(d.OH / 4);
  const columns = Math.ceil(d.OW / 4);
  const transforms = (INPUT_TRANSFORM * d.IC + (OUTPUT_TRANSFORM + POINTS) * d.OC) / lanes;
  const candidates = upTo(Math.min(rows, 4)).flatMap((TR) =>
    upTo(Math.min(columns, 14)).map((TC): WinogradBlocks & { readonly cost: number } => {
      const RB = Math.ceil(rows / TR);
      const CB = Math.ceil(columns / TC);
      const loads = productTile(TR, TC, d.OC, lanes, registers).cost;
      const products = (POINTS * d.IC * d.OC * (1 + loads + PRODUCT_LOOPS)) / lanes;
      const large = (d.IC + d.OC) * TR * TC * POINTS * 4 > BLOCK_BYTES ? 10 : 1;
      return { RB, TR, CB, TC, cost: RB * TR * CB * TC * (transforms + products) * large };
    }),
  );
  const { cost, ...blocks } = cheapest(candidates);
  const direct = (d.OH * d.OW * 9 * d.IC * d.OC * DIRECT_OVERHEAD) / lanes;
  return cost < WORTH_IT * direct ? blocks : undefined;
}

/** Register tile of the products: rows and columns of tiles, and vectors of output channels. */
export interface ProductTile {
  readonly rows: number;
  readonly columns: number;
  readonly ocv: number;
  /** Loads for each multiply-add. */
  readonly cost: number;
}

/** The tile with the fewest loads for each multiply-add among those that fit the registers. */
export function productTile(
  TR: number,
  TC: number,
  OC: number,
  lanes: number,
  registers: number,
): ProductTile {
  const candidates = divisors(TR).flatMap((rows) =>
    divisors(TC).flatMap((columns) =>
      divisors(OC / lanes).flatMap((ocv) => {
        const tiles = rows * columns;
        // one side's vectors stay while the other's pass by
        if (tiles * ocv + Math.min(tiles, lanes * ocv) + 2 > registers) return [];
        return [{ rows, columns, ocv, cost: 1 / (lanes * ocv) + 1 / tiles }];
      }),
    ),
  );
  return cheapest(candidates);
}
