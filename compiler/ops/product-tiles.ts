import type { Sizes } from "../language/kernel.ts";
import { takesHalfVectors, vectorBytes } from "../machine/isa-rows.ts";
import type { Target } from "../machine/target.schema.ts";
import { divisors } from "../schedule/choose.ts";
import { ESTIMATE } from "./estimate/estimate-constants.ts";
import { foreseenWaits, LINE_BYTES } from "./estimate/memory-waits.ts";
import { factorLoads, halfLoad, workCycles } from "./estimate/work-cycles.ts";
import { offered, registerBudget, sumsBand } from "./tiles.ts";

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

/** Tiles worth trying, first the one whose loads take the least for each multiply-add among those that fit the registers. */
export function productTiles(d: Sizes<"TR TC OC">, target: Target): readonly ProductTile[] {
  return offered(targetProducts(d, target), productKind);
}

/** What a tile of an odd number of vectors is worse by where inputs come in halves: gcc 12 moves some of its sums. Fitted to the modelled A53. */
const ODD_BY_HALVES = 0.05;

/** All of them with their loads as the core does them: inputs may come in halves, beside multiply-adds. */
export function targetProducts({ TR, TC, OC }: Sizes<"TR TC OC">, target: Target): readonly ProductTile[] {
  const { lanes } = target.isa;
  const tiles = fittingProducts(TR, TC, OC, lanes, registerBudget(target));
  if (!takesHalfVectors(target)) return tiles;
  return tiles.map((tile) => {
    const { rows, columns, ocv } = tile;
    const odd = ocv > 1 && ocv % 2 === 1 ? ODD_BY_HALVES : 0;
    return { ...tile, cost: halfLoad(target) / (lanes * ocv) + 1 / (rows * columns) + odd };
  });
}

/** Tiles of one kind are alike in what an estimate may misjudge. */
export function productKind({ rows, columns, ocv }: ProductTile): string {
  return `${ocv} ${sumsBand(rows * columns * ocv)}`;
}

/** All that fit the registers, with their loads. */
export function fittingProducts(
  TR: number,
  TC: number,
  OC: number,
  lanes: number,
  registers: number,
): readonly ProductTile[] {
  const vectors = divisors(OC / lanes);
  const columnCounts = divisors(TC);
  return divisors(TR).flatMap((rows) =>
    columnCounts.flatMap((columns) =>
      vectors.flatMap((ocv) => {
        const tiles = rows * columns;
        // one side's vectors stay while the other's pass by
        if (tiles * ocv + Math.min(tiles, lanes * ocv) > registers) return [];
        return [{ rows, columns, ocv, cost: 1 / (lanes * ocv) + 1 / tiles }];
      }),
    ),
  );
}

/**
 * Blocks of input channels written out one after another: all of one or two, else up to four of many on a core in order, but no more than it
 * loads weights for without waiting, where these come from far. Other cores count turns of a loop beside the products,
 * and gcc moves sums about where more is written out (2 to 16 % of such layers on modelled A72 and A76). Without lane operands a block is long
 * enough, and gcc would keep the weights of two for the next tiles, and spill them.
 * @param weights bytes of all points' weights of a group
 */
export function writtenOut(
  blocks: number,
  { rows, columns, ocv }: ProductTile,
  weights: number,
  target: Target,
): number {
  const { isa } = target;
  if (isa.ops.fmaLane === undefined) return 1;
  if (blocks <= 2) return blocks;
  if (!target.core.inOrder || blocks < ESTIMATE.winograd.manyBlocks) return 1;
  const upTo4 = divisors(blocks).filter((f) => f <= 4);
  // where four divides them, threes take more than the estimate says: 1 % of MobileNet-V3 on a modelled A72
  const factors = upTo4.includes(4) ? upTo4.filter((f) => f !== 3) : upTo4;
  const time = (written: number): number => {
    const tiles = rows * columns;
    const inputs = factorLoads(tiles, target);
    const loads = inputs.loads + ocv * isa.lanes;
    const work = { ...inputs, products: tiles * ocv * isa.lanes, loads, stores: 0 };
    const block = workCycles({ ...work, others: ESTIMATE.loopOverhead / written }, target);
    const burst = (written * ocv * isa.lanes * vectorBytes(isa)) / LINE_BYTES;
    const stream = { burst, busy: written * block, lines: burst / written, bytes: weights };
    return block + foreseenWaits(stream, target);
  };
  return factors.reduceRight((best, f) => (time(f) < time(best) ? f : best));
}
