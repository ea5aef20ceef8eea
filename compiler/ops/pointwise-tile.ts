import type { Dims } from "../language/kernel.ts";
import type { Target } from "../target/target.schema.ts";
import { LINE_BYTES, unforeseenWaits } from "./memory-waits.ts";
import {
  loadCost,
  offered,
  pieces,
  productCost,
  SUMS_UNDER_WAY,
  shortBlockBudget,
  sumsBand,
  upTo,
} from "./tiles.ts";

/** Register tile of a convolution of 1x1 kernels: rows and columns of pixels, vectors of output channels. */
export interface PointwiseTile {
  readonly oh: number;
  readonly ow: number;
  readonly ocv: number;
  /** Input channels of a block, taken by lane; and how many blocks are written out one after another. */
  readonly ic: number;
  readonly blocks: number;
  /** Estimated instructions for one group. */
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

/**
 * Tiles worth trying, first the one with the fewest estimated instructions among those that fit the registers.
 * @param held registers that are taken for each vector of output channels, besides the tile's
 */
export function pointwiseTiles(d: Dims, target: Target, held = 0): readonly PointwiseTile[] {
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
        .map((ocv) => costed(d, target, { oh, ow, ocv, ic, blocks }, held * ocv)),
    ),
  );
  return offered(candidates, ({ oh, ow, ocv }) => `${oh} ${ocv} ${sumsBand(oh * ow * ocv)}`);
}

function costed(d: Dims, target: Target, tile: Omit<PointwiseTile, "cost">, held: number): PointwiseTile {
  const repeats = Math.floor(d.OC / target.isa.lanes) / tile.ocv;
  // every block of input channels is a sequence, of which a tile takes a few lines; all are read anew for each block of
  // output channels, but for the rows between
  const lines = (d.IC * d.OH * d.OW * d.SW * 4) / LINE_BYTES;
  const bytes = lines * LINE_BYTES * d.SH;
  const waits = unforeseenWaits({ count: d.IC / tile.ic, run: 1, lines, bytes }, target);
  let cost = 0;
  for (const rows of pieces(d.OH, tile.oh)) {
    for (const columns of pieces(d.OW, tile.ow)) {
      const one = tileCost(d, { ...tile, oh: rows.length, ow: columns.length }, target, held);
      cost += rows.count * columns.count * one;
    }
  }
  return { ...tile, cost: (cost + waits) * repeats };
}

function tileCost(
  d: Dims,
  { oh, ow, ocv, ic, blocks }: Omit<PointwiseTile, "cost">,
  target: Target,
  held: number,
): number {
  const { ops } = target.isa;
  const accumulators = oh * ow * ocv;
  const load = loadCost(target);
  // without lane operands each broadcast is a load of its own, but one that is used once is an operand of its multiply-add
  const broadcasts = ocv === 1 ? 0 : oh * ow;
  const inputs = ops.fmaLane
    ? oh * (d.SW === 1 ? Math.ceil(ow * load) : ow * Math.max(1, load))
    : broadcasts * ic;
  const weights = ic * ocv * load;
  const block = inputs + weights + accumulators * ic * productCost(accumulators, target);
  const perOutput = 2 + (d.RES ? 2 : 0) + (Number.isFinite(d.LO) ? 1 : 0) + (Number.isFinite(d.HI) ? 1 : 0);
  const all = (d.IC / ic) * (block + LOOP_OVERHEAD / blocks) + accumulators * perOutput + TILE_OVERHEAD;
  // one buffer's vectors stay, the other's pass by one after another
  const staying = ops.fmaLane ? Math.min(ic * ocv, oh * ow) : Math.max(1, broadcasts);
  const pressure = accumulators + staying + 2 + held;
  return all * (1 + Math.max(0, pressure - shortBlockBudget(target)));
}
