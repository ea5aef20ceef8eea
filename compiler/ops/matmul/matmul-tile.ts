import type { Target } from "../../machine/target.schema.ts";
import { ESTIMATE } from "../estimate/estimate-constants.ts";
import { factorLoads, workCycles } from "../estimate/work-cycles.ts";
import { offered, pieces, productCost, shortBlockBudget, sumsBand, upTo } from "../tiles.ts";
import type { MatmulSizes } from "./matmul.kernel.ts";

/** Register tile of a product of matrices: rows of a, vectors along the rows of b, and terms of a sum written out. */
export interface MatmulTile {
  readonly rows: number;
  readonly vectors: number;
  readonly terms: number;
}

interface CostedTile extends MatmulTile {
  readonly cost: number;
}

/** Rows and vectors of a tile at most: no register file holds more. */
const MOST_ROWS = 12;
const MOST_VECTORS = 8;

/** A tile as an option of the knob `tile`: rows x vectors. */
export function matmulLabel({ rows, vectors }: MatmulTile): string {
  return `${rows}x${vectors}`;
}

/** Tiles worth trying, first the one that is estimated to take the least time. */
export function matmulTiles(d: MatmulSizes, target: Target): readonly CostedTile[] {
  return offered(candidates(d, target), ({ rows, vectors }) => `${vectors} ${sumsBand(rows * vectors)}`);
}

function candidates(d: MatmulSizes, target: Target): readonly CostedTile[] {
  const { lanes } = target.isa;
  const whole = Math.max(1, Math.floor(d.N / lanes));
  const terms = Math.min(d.K, lanes);
  return upTo(Math.min(d.M, MOST_ROWS)).flatMap((rows) =>
    upTo(Math.min(whole, MOST_VECTORS)).map((vectors) => {
      const tile = { rows, vectors, terms };
      return { ...tile, cost: tilesTime(d, tile, whole, target) };
    }),
  );
}

/** Time of one product of two matrices while their data are at hand. */
function tilesTime(d: MatmulSizes, tile: MatmulTile, whole: number, target: Target): number {
  let time = 0;
  for (const rows of pieces(d.M, tile.rows)) {
    for (const vectors of pieces(whole, tile.vectors)) {
      const one = tileTime(d, { ...tile, rows: rows.length, vectors: vectors.length }, target);
      time += rows.count * vectors.count * one;
    }
  }
  return time;
}

function tileTime(d: MatmulSizes, { rows, vectors, terms }: MatmulTile, target: Target): number {
  const byLane = target.isa.ops.fmaLane !== undefined;
  const sums = rows * vectors;
  const factors = byLane ? factorLoads(rows, target) : { loads: rows * terms };
  const block = workCycles(
    {
      ...factors,
      products: sums * terms * productCost(sums, target),
      loads: terms * vectors + factors.loads,
      stores: 0,
      others: ESTIMATE.loopOverhead,
    },
    target,
  );
  const residual = d.RES ? 1 : 0;
  const ends = workCycles(
    {
      products: 0,
      loads: sums * residual,
      stores: sums,
      others: sums * (1 + residual) + ESTIMATE.tileOverhead,
    },
    target,
  );
  const staying = byLane ? Math.min(terms * vectors, rows) : Math.max(1, Math.min(vectors, rows));
  const pressure = sums + staying + 2;
  return ((d.K / terms) * block + ends) * (1 + Math.max(0, pressure - shortBlockBudget(target)));
}
