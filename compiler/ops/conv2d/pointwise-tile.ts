import { floatBytes, mostFactors, takesHalfVectors, vectorBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { knowsLast } from "../../support/knows-last.ts";
import { ESTIMATE } from "../estimate/estimate-constants.ts";
import { crowdedWait, LINE_BYTES } from "../estimate/memory-waits.ts";
import { factorLoads, workCycles } from "../estimate/work-cycles.ts";
import {
  besideProducts,
  offered,
  pieces,
  productCost,
  SUMS_UNDER_WAY,
  shortBlockBudget,
  sumsBand,
  upTo,
  vectorCounts,
} from "../tiles.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";
import {
  type CostedOrder,
  isShared,
  keepsWeights,
  type LoopOrder,
  orderTime,
  rankedOrders,
  type Tiling,
} from "./loop-order.ts";
import { unaskedPart } from "./tile-below.ts";

/** Register tile of a convolution of 1x1 kernels: rows and columns of pixels, vectors of output channels. */
export interface PointwiseTile {
  readonly oh: number;
  readonly ow: number;
  readonly ocv: number;
  /** Input channels of a block, taken by lane; and how many blocks are written out one after another. */
  readonly ic: number;
  readonly blocks: number;
}

/** How inputs lie: planes of blocks of channels, or all channels of a pixel side by side. */
export type PointwiseInputs = "planes" | "rows";

/** A tile with the orders of loops around it, the one of least cost first. */
export interface CostedTile extends PointwiseTile {
  readonly orders: readonly CostedOrder[];
  /** That of the first order. */
  readonly cost: number;
}

/** A tile as an option of the knob `tile`: rows x columns x vectors of channels. */
export function pointwiseLabel({ oh, ow, ocv }: PointwiseTile): string {
  return `${oh}x${ow}x${ocv}`;
}

/** Tiles worth trying, first the one that is estimated to take the least time among those that fit the registers. */
export const pointwiseTiles = knowsLast(
  (...sizes: Parameters<typeof pointwiseCandidates>): readonly CostedTile[] =>
    offered(pointwiseCandidates(...sizes), ({ oh, ow, ocv }) => `${oh} ${ocv} ${sumsBand(oh * ow * ocv)}`),
);

/** What a schedule of 1x1 kernels has. */
export interface PointwiseForm {
  /** Registers that are taken for each vector of output channels, besides the tile's; default 0. */
  readonly held?: number;
  readonly orders: readonly LoopOrder[];
  /** Output channels of a tile; default any. */
  readonly block?: number | undefined;
  /** Default "planes". */
  readonly inputs?: PointwiseInputs;
  /** Bytes from one plane of inputs to the next; default those of a map without a border. */
  readonly apart?: number | undefined;
  /**
   * Whether the last block of channels may be a smaller one; not where weights stay: threads would share out two nests, of
   * which gcc 12 makes worse code (a fifth more cycles on the model of Cortex-A76).
   */
  readonly cuts?: boolean;
}

/** All tiles with their estimates. */
export function pointwiseCandidates(
  d: ConvSizes,
  target: Target,
  form: PointwiseForm,
): readonly CostedTile[] {
  const { lanes } = target.isa;
  const vectors = Math.max(1, Math.floor(d.OC / lanes));
  const ic = d.IC % lanes === 0 ? lanes : d.IC;
  const blocks = writesOutTwo(target) && d.IC % (2 * lanes) === 0 ? 2 : 1;
  // two rows share weights; where a row alone shares them among enough sums, it is read more evenly
  const rows = target.isa.ops.fmaLane || d.OW < SUMS_UNDER_WAY ? 2 : 1;
  return upTo(Math.min(d.OH, rows)).flatMap((oh) =>
    upTo(Math.min(d.OW, 24)).flatMap((ow) =>
      vectorCounts(vectors).flatMap((ocv) => {
        if (form.block !== undefined && ocv * lanes !== form.block) return [];
        if (oh * ow > mostFactors(target)) return [];
        // inputs are used once, a tile asks for whole lines, and there are enough sums to ask beside
        const streams =
          ocv === vectors &&
          ow < d.OW &&
          ow * vectorBytes(target.isa) >= LINE_BYTES &&
          oh * ow * ocv >= ESTIMATE.fewestForATile;
        const whole = form.orders.filter((order) => streams || order !== "streamed");
        const orders = vectors % ocv === 0 ? whole : cutOrders(form, sharedTiles(d, { oh, ow }));
        return orders.length === 0
          ? []
          : [costed(d, target, { oh, ow, ocv, ic, blocks }, { ...form, orders })];
      }),
    ),
  );
}

/**
 * Whether two blocks of input channels are written out one after another. A core out of order counts a loop's turns beside the products; by
 * lane gcc moves some sums about where there are more (1 to 9 % of such layers on a modelled A72).
 */
function writesOutTwo({ isa, core }: Target): boolean {
  return core.inOrder || isa.ops.fmaLane === undefined;
}

function cutOrders({ orders, cuts = false }: PointwiseForm, shared: number): readonly LoopOrder[] {
  return cuts ? orders.filter((order) => !keepsWeights(order) && isShared(order, shared)) : [];
}

/** Rows of tiles are what threads share where pixels stay, as far as tiles divide them; the tiles of a row that is all there is. */
function sharedTiles(d: ConvSizes, { oh, ow }: Pick<PointwiseTile, "oh" | "ow">): number {
  const images = d.N * d.G;
  if (d.OH === 1) return images * Math.ceil(d.OW / ow);
  return d.OH % oh === 0 ? (images * d.OH) / oh : 0;
}

/** A smaller tile at the end of rows, or of all pixels, is a nest of its own: of tiles that are as good, one without it. A policy. */
const REST = 1.002;

function costed(
  d: ConvSizes,
  target: Target,
  tile: PointwiseTile,
  { held = 0, orders, inputs = "planes", apart }: PointwiseForm,
): CostedTile {
  const rest = d.OW % tile.ow > 0 ? REST : 1;
  const arithmetic = rest * tilesTime(d, tile, target, held * tile.ocv);
  const planes = tiling(d, tile, arithmetic, apart, target);
  const tiled = inputs === "planes" ? planes : asRows(d, tile, planes, target);
  const time = (order: LoopOrder): number => arithmetic + orderTime(tiled, order, target);
  const ranked = rankedOrders(orders, time, sharedTiles(d, tile));
  return { ...tile, orders: ranked, cost: ranked[0].cost };
}

/** Time of all tiles while their data are at hand. */
function tilesTime(d: ConvSizes, tile: PointwiseTile, target: Target, held: number): number {
  let time = 0;
  for (const vectors of pieces(Math.floor(d.OC / target.isa.lanes), tile.ocv)) {
    for (const rows of pieces(d.OH, tile.oh)) {
      for (const columns of pieces(d.OW, tile.ow)) {
        const piece = { ...tile, oh: rows.length, ow: columns.length, ocv: vectors.length };
        time += vectors.count * rows.count * columns.count * tileTime(d, piece, target, held);
      }
    }
  }
  return time;
}

function tileTime(
  d: ConvSizes,
  { oh, ow, ocv, ic, blocks }: PointwiseTile,
  target: Target,
  held: number,
): number {
  const { ops } = target.isa;
  const sums = oh * ow * ocv;
  // without lane operands each is broadcast, as a load of its own or as an operand
  const inputs = ops.fmaLane ? factorLoads(oh * ow, target) : { loads: oh * ow * ic };
  const block = workCycles(
    {
      ...inputs,
      products: sums * ic * productCost(sums, target) + (movesSums(ocv, sums, target) ? sums : 0),
      loads: inputs.loads + ic * ocv,
      stores: 0,
      others: ESTIMATE.loopOverhead / blocks,
    },
    target,
  );
  const clamped = (Number.isFinite(d.LO) ? 1 : 0) + (Number.isFinite(d.HI) ? 1 : 0);
  const ends = workCycles(
    {
      products: 0,
      loads: d.RES ? sums : 0,
      stores: sums,
      others: sums * (1 + (d.RES ? 1 : 0) + clamped) + ESTIMATE.tileOverhead,
    },
    target,
  );
  // one buffer's vectors stay, the other's pass by one after another
  const staying = ops.fmaLane ? Math.min(ic * ocv, oh * ow) : ocv;
  const pressure = sums + staying + 2 + held;
  const blocksTime = (d.IC / ic) * (block + besideProducts(sums, ic * ocv, sums * ic, target));
  return (blocksTime + ends) * (1 + Math.max(0, pressure - shortBlockBudget(target)));
}

/**
 * With one vector of weights and more inputs than stay in registers, these pass by and take all lanes in a row: the C
 * compiler moves each sum to another register and back. It does so for 13 sums and more; a core in order hides the moves of
 * 13 behind loads (on the models 11 % more cycles on Cortex-A72 and A76, none on A53), and inputs that come in halves stay up to 15.
 */
export function movesSums(ocv: number, sums: number, target: Target): boolean {
  const { isa, core } = target;
  const spare = takesHalfVectors(target) ? 0 : core.inOrder ? 4 : 6;
  return isa.ops.fmaLane !== undefined && ocv === 1 && 2 * sums + 1 > isa.registers - spare;
}

/** `arithmetic`: cycles of all tiles while their data are at hand. */
function tiling(
  d: ConvSizes,
  tile: PointwiseTile,
  arithmetic: number,
  apart: number | undefined,
  target: Target,
): Tiling {
  const { oh, ow, ocv, ic, blocks } = tile;
  const oct = ocv * target.isa.lanes;
  const turns = Math.ceil(d.OC / oct);
  const tiles = (d.OH * d.OW) / (oh * ow);
  const written = ic * blocks;
  const planes = d.IC / ic;
  const float = floatBytes(target.isa);
  const read = d.IC * d.OH * d.OW * d.SW * float;
  const plane = apart ?? d.IH * d.IW * ic * float;
  const moves = ow * d.SW * ic * float;
  return {
    ...{ tiles, columns: Math.ceil(d.OW / ow), turns, planes, crowded: 0, copied: d.IC * oh * ow * float },
    inputs: { span: read * d.SH, read, overlap: 0, rowOfTiles: read / d.OH },
    window: {
      ...{ runs: planes * oh, run: ((ow - 1) * d.SW + 1) * ic * float, apart: plane / oh, moves },
      // rows between those that are read are skipped, so every row begins anew
      begun: planes * (d.SH > 1 ? oh : oh - 1) * Math.ceil(d.OH / oh),
    },
    weights: { all: d.IC * d.OC * float, block: d.IC * oct * float },
    inner: {
      weights: written * oct * float,
      inputs: written * oh * ow * float,
      busy: (arithmetic * written) / (d.IC * tiles * turns),
    },
    outputs: oh * ocv * (d.RES ? 2 : 1),
    unasked: (order) => unaskedPart(order, d, target, tile),
  };
}

/** The same of pixels whose channels lie side by side: each pixel is a run, and a block of channels is a little of each in turn. */
function asRows(d: ConvSizes, { oh, ow, ic }: PointwiseTile, t: Tiling, target: Target): Tiling {
  const float = floatBytes(target.isa);
  const run = d.IC * float;
  const pixels = oh * ow;
  const loads = t.tiles * t.turns * t.planes * pixels * (target.isa.ops.fmaLane ? 1 : ic);
  const wait = crowdedWait({ runs: pixels, run: ic * float, apart: run }, target);
  return {
    ...t,
    window: { ...t.window, runs: pixels, run, apart: run, moves: ic * float },
    crowded: loads * wait,
  };
}
