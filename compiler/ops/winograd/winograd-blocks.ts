import type { Target } from "../../machine/target.schema.ts";
import { divisors } from "../../schedule/choose.ts";
import type { ConvCandidate, ConvDims, Window } from "../conv2d/algorithm.ts";
import { ESTIMATE } from "../estimate/estimate-constants.ts";
import { foreseenWaits, LINE_BYTES } from "../estimate/memory-waits.ts";
import { workCycles } from "../estimate/work-cycles.ts";
import { cheapest, offered, sumsBand, upTo } from "../tiles.ts";

/** An operator that convolves by Winograd's algorithm, and what its parts cost. */
export interface Winograd {
  readonly op: "winograd2" | "winograd4" | "winograd6";
  /** Rows and columns of outputs of a tile; its inputs are two more. */
  readonly tile: 2 | 4 | 6;
  /** Dimensions of the points of a tile in the transformed weights. */
  readonly points: readonly number[];
  /** Instructions for one tile and vector of channels, counted in the C compiler's output. */
  readonly inputTransform: number;
  readonly outputTransform: number;
}

export const F2: Winograd = {
  op: "winograd2",
  tile: 2,
  points: [4, 4],
  inputTransform: 70,
  outputTransform: 50,
};
export const F4: Winograd = {
  op: "winograd4",
  tile: 4,
  points: [36],
  inputTransform: 245,
  outputTransform: 160,
};
export const F6: Winograd = {
  op: "winograd6",
  tile: 6,
  points: [8, 8],
  inputTransform: 620,
  outputTransform: 480,
};
export const WINOGRADS: readonly Winograd[] = [F2, F4, F6];

/** How a map is cut into tiles: RB x CB blocks of TR x TC tiles, the last ones hanging over. */
export interface WinogradBlocks {
  readonly RB: number;
  readonly TR: number;
  readonly CB: number;
  readonly TC: number;
}

/** Products of a tile and a pair of channels, each with a weight of its own. */
export function productsOf({ points }: Winograd): number {
  return points.reduce((a, b) => a * b);
}

/** Rows of a map computed by one algorithm: `rows` of them from row `from` on. */
export interface WinogradPart {
  readonly winograd: Winograd;
  readonly blocks: WinogradBlocks;
  readonly from: number;
  readonly rows: number;
}

/** Parts from top to bottom; only the last may hang over in rows. */
export interface WinogradPlan {
  readonly parts: readonly WinogradPart[];
}

/** A way to compute a map, beside the direct convolution of one group. */
export interface WinogradCandidate extends WinogradPlan, Omit<ConvCandidate, "parts"> {}

/**
 * The ways to compute a map by Winograd's algorithm, each with its best blocks, cheapest first: all rows by one tile, or the
 * upper rows by F(6x6) and the others by F(4x4), where 6 does not divide them. None where Winograd does not apply (only 3x3,
 * stride 1, whole vectors of channels).
 * @param largestTile outputs along a side of the largest tile that is allowed
 */
export function winogradCandidates(
  d: ConvDims,
  lanes: number,
  registers: number,
  largestTile: number = F6.tile,
): readonly WinogradCandidate[] {
  const key = JSON.stringify([d, lanes, registers, largestTile]);
  const known = found.get(key) ?? candidatesOf(d, lanes, registers, largestTile);
  found.set(key, known);
  return known;
}

/** Windows that Winograd's tiles are for. */
export function isTileable({ KH, KW, SH, SW, DH, DW }: Window): boolean {
  return KH === 3 && KW === 3 && SH * SW * DH * DW === 1;
}

/** By what they hang on: layers of a network are often alike, and each is asked for when rooms are wanted and when it is planned. */
const found = new Map<string, readonly WinogradCandidate[]>();

function candidatesOf(
  d: ConvDims,
  lanes: number,
  registers: number,
  largestTile: number,
): readonly WinogradCandidate[] {
  const allowed = WINOGRADS.filter(({ tile }) => tile <= largestTile);
  if (!isTileable(d) || d.IC % lanes !== 0 || d.OC % lanes !== 0 || allowed.length === 0) return [];
  const direct = (d.OH * d.OW * 9 * d.IC * d.OC * ESTIMATE.winograd.directOverhead) / lanes;
  const part = (winograd: Winograd, from: number, rows: number): CostedPart =>
    cheapestPart(winograd, d, { from, rows }, lanes, registers);
  const whole = allowed.map((winograd) => costed([part(winograd, 0, d.OH)]));
  const best = cheapest(whole);
  const split = (largestTile < F6.tile ? [] : upperRows(d.OH)).map((rows) =>
    costed([part(F6, 0, rows), part(F4, rows, d.OH - rows)]),
  );
  const worthTwo = ({ cost, time }: Costs): boolean =>
    cost < ESTIMATE.winograd.worthTwo * best.cost && time < ESTIMATE.winograd.worthTwo * best.time;
  return [...whole, ...split]
    .map((plan, i) => ({
      parts: plan.parts,
      algorithm: algorithmOf(plan),
      cost: plan.cost / direct,
      weights: plan.parts.reduce((sum, { winograd }) => sum + productsOf(winograd) * d.G * d.IC * d.OC, 0),
      pays: plan.cost < ESTIMATE.winograd.worthIt * direct && (i < whole.length || worthTwo(plan)),
    }))
    .sort((a, b) => a.cost - b.cost);
}

function algorithmOf({ parts }: WinogradPlan): string {
  const [only, ...others] = parts;
  if (others.length === 0) return only.winograd.op;
  return parts.map(({ winograd, rows }) => `${winograd.op}:${rows}`).join("+");
}

/** Rows that F(6x6) may leave to F(4x4): of twelve more, either algorithm would rather have them all. */
function upperRows(rows: number): number[] {
  const most = Math.floor((rows - 1) / F6.tile) * F6.tile;
  return [most, most - F6.tile].filter((upper) => upper > 0);
}

interface Costs {
  /** Instructions. */
  readonly cost: number;
  /** The same, and what weights take to come from memory. */
  readonly time: number;
}
type CostedPart = WinogradPart & Costs;

function costed(parts: readonly CostedPart[]): WinogradPlan & Costs {
  const sum = (of: (part: CostedPart) => number): number => parts.reduce((all, part) => all + of(part), 0);
  return { parts, cost: sum(({ cost }) => cost), time: sum(({ time }) => time) };
}

/** Rows that others follow are whole blocks: what hung over would be written into theirs. */
function cheapestPart(
  winograd: Winograd,
  d: ConvDims,
  { from, rows }: Pick<WinogradPart, "from" | "rows">,
  lanes: number,
  registers: number,
): CostedPart {
  const { tile } = winograd;
  const tileRows = Math.ceil(rows / tile);
  const columns = Math.ceil(d.OW / tile);
  const weights = productsOf(winograd) * d.IC * d.OC;
  const heights = from + rows < d.OH ? divisors(tileRows) : upTo(tileRows);
  const candidates = heights
    .filter((TR) => TR <= 4)
    .flatMap((TR) =>
      upTo(Math.min(columns, 14)).map((TC): CostedPart => {
        const blocks = { RB: Math.ceil(tileRows / TR), TR, CB: Math.ceil(columns / TC), TC };
        const loads = cheapest(fittingProducts(TR, TC, d.OC, lanes, registers)).cost;
        const one = winogradInstructions(winograd, d, loads, lanes);
        const large =
          (d.IC + d.OC) * TR * TC * productsOf(winograd) * 4 > ESTIMATE.winograd.blockBytes ? 10 : 1;
        const cost = blocks.RB * TR * blocks.CB * TC * one * large;
        const reads = weights * 4 > ESTIMATE.winograd.cacheBytes ? blocks.RB * blocks.CB : 1;
        return {
          winograd,
          blocks,
          from,
          rows,
          cost,
          time: cost + ESTIMATE.winograd.floatTime * weights * reads,
        };
      }),
    );
  return cheapest(candidates);
}

/** Instructions for one tile of a group, its products with so many loads for each multiply-add. */
export function winogradInstructions(
  winograd: Winograd,
  d: Pick<ConvDims, "IC" | "OC">,
  loads: number,
  lanes: number,
): number {
  const { inputTransform, outputTransform } = winograd;
  const count = productsOf(winograd);
  const transforms = inputTransform * d.IC + (outputTransform + count) * d.OC;
  return (transforms + count * d.IC * d.OC * (1 + loads + ESTIMATE.winograd.productLoops)) / lanes;
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

/** All of them with their loads. */
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
 * Blocks of input channels written out one after another: all of one or two, else up to four of many, but no more than a core
 * loads weights for without waiting, where these come from far. Without lane operands a block is long enough, and gcc would
 * keep the weights of two for the next tiles, and spill them.
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
  const most =
    blocks < ESTIMATE.winograd.manyBlocks ? 1 : Math.max(...divisors(blocks).filter((f) => f <= 4));
  const time = (written: number): number => {
    const tiles = rows * columns;
    const work = { products: tiles * ocv * isa.lanes, loads: tiles + ocv * isa.lanes, stores: 0 };
    const block = workCycles({ ...work, others: ESTIMATE.loopOverhead / written }, target);
    const burst = (written * ocv * isa.lanes ** 2 * 4) / LINE_BYTES;
    const stream = { burst, busy: written * block, lines: burst / written, bytes: weights };
    return block + foreseenWaits(stream, target);
  };
  return divisors(most).reduceRight((best, f) => (time(f) < time(best) ? f : best), most);
}
