import { floatBytes, mostFactors, takesHalfVectors } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { knowsLast } from "../../support/knows-last.ts";
import { ESTIMATE } from "../estimate/estimate-constants.ts";
import { LINE_BYTES } from "../estimate/memory-waits.ts";
import { factorLoads, waitingForSum, workCycles } from "../estimate/work-cycles.ts";
import { asksBelow } from "../row-below.ts";
import {
  besideProducts,
  inputElements,
  offered,
  pieces,
  productCost,
  registerBudget,
  shortBlockBudget,
  sumsBand,
  touched,
  upTo,
} from "../tiles.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";
import { type CostedOrder, type LoopOrder, orderTime, rankedOrders, type Tiling } from "./loop-order.ts";
import { movesSums } from "./pointwise-tile.ts";
import { unaskedPart } from "./tile-below.ts";

/** Register tile of a direct convolution with output channels in lanes. */
export interface DirectTile {
  /** Output columns. */
  readonly ow: number;
  /** Vectors of output channels. */
  readonly ocv: number;
  /** Kernel columns are written out, so that a loaded input vector serves all of them. */
  readonly unrollKw: boolean;
  readonly unrollKh: boolean;
  /**
   * Where windows share no pixels, all channels of one pixel of theirs come after those of another: so many blocks of them are written out.
   * 0: of a block of channels all pixels.
   */
  readonly inPixels: number;
}

/** A tile with the orders of loops around it, the one of least cost first. */
export interface CostedDirect extends DirectTile {
  readonly orders: readonly CostedOrder[];
  /** That of the first order. */
  readonly cost: number;
}

/** A tile as an option of the knob `tile`: columns x vectors of channels. */
export function directLabel({ ow, ocv, unrollKw }: DirectTile): string {
  return `${ow}x${ocv}${unrollKw ? "-unrolled" : ""}`;
}

/** Tiles worth trying, first the one that is estimated to take the least time among those that fit the registers. */
export const directTiles = knowsLast(
  (...sizes: Parameters<typeof directCandidates>): readonly CostedDirect[] =>
    offered(
      directCandidates(...sizes),
      ({ ow, ocv, unrollKw }) => `${ocv} ${unrollKw} ${sumsBand(ow * ocv)}`,
    ),
);

/**
 * All tiles with their estimates.
 * @param inRows a vector of the input is neighbours along a row, else channels of a pixel
 * @param apart bytes from one plane of inputs to the next; default those of a map without a border
 */
export function directCandidates(
  d: ConvSizes,
  target: Target,
  inRows: boolean,
  apart?: number,
): readonly CostedDirect[] {
  const { lanes } = target.isa;
  const blocks = Math.max(1, Math.floor(d.OC / lanes));
  // broadcasts are not kept for the next kernel column
  const inPixels = inRows ? 0 : blocksInPixels(d, target);
  const written = inPixels > 0 ? [false] : target.isa.ops.fmaLane ? [true, false] : [d.KW === 1];
  return upTo(Math.min(d.OW, 24)).flatMap((ow) =>
    upTo(Math.min(blocks, mostVectors(target, inRows)))
      .filter((ocv) => blocks % ocv === 0)
      .flatMap((ocv) =>
        written.flatMap((unrollKw) => {
          const factors = inRows ? 0 : touched(ow, unrollKw ? d.KW : 1, d.SW, d.DW);
          const fits = factors <= mostFactors(target) || ow === 1;
          return fits ? [costed(d, target, { ow, ocv, unrollKw, inPixels, inRows, apart })] : [];
        }),
      ),
  );
}

/**
 * Vectors of output channels of a tile, at most. One where pixels share the few registers by whose lanes is multiplied: beside a second one
 * gcc 12 moves them about (7x2 takes a fifth more than 7x1 on the modelled A76).
 */
function mostVectors({ isa }: Target, inRows: boolean): number {
  return isa.laneRegisters === undefined || inRows ? 6 : 1;
}

/** Blocks of input channels from which on a loop over those of one pixel is worth it. A policy. */
const MANY_BLOCKS = 8;

/**
 * Loops over the pixels of a window that no other one sees would be short inside: they are outside one over many blocks of channels.
 * Not where broadcasts are loads: on the host such layers took 3 to 6 % longer.
 */
function blocksInPixels(d: ConvSizes, { isa, core }: Target): number {
  const { IC, KH, KW, SH, SW, DH, DW } = d;
  const { lanes } = isa;
  if (isa.ops.fmaLane === undefined || core.model === undefined) return 0;
  const areApart = KH * KW > 1 && KH <= SH && KW <= SW && DH * DW === 1;
  if (!areApart || IC % lanes !== 0 || IC < MANY_BLOCKS * lanes) return 0;
  return IC % (2 * lanes) === 0 ? 2 : 1;
}

interface Candidate {
  readonly ow: number;
  readonly ocv: number;
  readonly unrollKw: boolean;
  readonly inPixels: number;
  readonly inRows: boolean;
  readonly apart: number | undefined;
}

function costed(d: ConvSizes, target: Target, candidate: Candidate): CostedDirect {
  const { lanes } = target.isa;
  const { ow, ocv, unrollKw, inPixels, inRows, apart } = candidate;
  const icUnrolled = d.IC % lanes === 0 ? lanes : d.IC;
  // with the whole kernel written out gcc would keep all its weights across tiles, and spill them
  const unrollKh = unrollKw && d.KH === 1;
  const turns = Math.floor(d.OC / lanes) / ocv;
  let row = 0;
  for (const { length, count } of pieces(d.OW, ow)) {
    const one = tileCost(d, { ...candidate, ow: length, unrollKh, icUnrolled }, target);
    const budget = d.KH * d.KW === 1 || inPixels > 0 ? shortBlockBudget(target) : registerBudget(target);
    const spilled = Math.max(0, one.pressure - budget);
    row += count * (one.time * (1 + spilled));
  }
  const arithmetic = row * d.OH * turns;
  const tile = { ow, ocv, unrollKw, unrollKh, inPixels };
  if (target.core.model === undefined)
    return onlyOrder(tile, arithmetic + readingAgain(inputElements(d), target) * turns);
  const tiled = tiling(d, { ...tile, inRows, apart, icUnrolled }, arithmetic, target);
  const isCopied = !inRows && d.IC % lanes === 0;
  const all: readonly LoopOrder[] = isCopied ? ["weights", "pixels", "packed"] : ["weights", "pixels"];
  // of one block of channels both are the same loops, but for what only the first asks for
  const orders = turns === 1 && tiled.asked !== undefined ? all.filter((order) => order !== "pixels") : all;
  const cost = (order: LoopOrder): number => arithmetic + orderTime(tiled, order, target);
  const ranked = rankedOrders(orders, cost, d.N * d.G * d.OH);
  return { ...tile, orders: ranked, cost: ranked[0].cost };
}

function onlyOrder(tile: DirectTile, cost: number): CostedDirect {
  return { ...tile, orders: [{ order: "weights", cost }], cost };
}

/** What it costs, in instructions, to read a group's input again for another block of channels: nothing while it stays in L1. */
function readingAgain(elements: number, { core, isa }: Target): number {
  const bytes = elements * floatBytes(isa);
  return bytes > core.l1dBytes ? (bytes / LINE_BYTES) * ESTIMATE.lineCost : 0;
}

interface Tile extends Candidate {
  readonly unrollKh: boolean;
  readonly icUnrolled: number;
}

/** Time of a tile while its data are at hand, and the registers it takes. */
function tileCost(
  d: ConvSizes,
  t: Tile,
  target: Target,
): { readonly time: number; readonly pressure: number } {
  const kw = t.unrollKw ? d.KW : 1;
  const sums = t.ow * t.ocv;
  const byLane = target.isa.ops.fmaLane !== undefined;
  const pixels = touched(t.ow, kw, d.SW, d.DW);
  const span = (t.ow - 1) * d.SW + (kw - 1) * d.DW + 1;
  const ofOneRow = Math.min(pixels, Math.ceil(span / target.isa.lanes));
  // without lane operands each is broadcast for each multiply-add of its vector, as a load of its own or as an operand
  const inputs = !byLane ? t.ow * kw * t.icUnrolled : t.inRows ? t.icUnrolled * ofOneRow : pixels;
  const factors = byLane ? factorLoads(inputs, target, t.ow) : { loads: inputs };
  const weights = kw * t.icUnrolled * t.ocv;
  const blocks = (d.IC / t.icUnrolled) * d.KH * (t.unrollKw ? 1 : d.KW);
  const moved = (t.inPixels > 0 || takesHalfVectors(target)) && movesSums(t.ocv, sums, target) ? sums : 0;
  const block = workCycles(
    {
      ...factors,
      products: sums * kw * t.icUnrolled * productCost(sums, target) * waitingForSums(d, t, target) + moved,
      loads: factors.loads + weights,
      stores: 0,
      others: t.unrollKh ? 0 : ESTIMATE.loopOverhead / Math.max(1, t.inPixels),
    },
    target,
  );
  const clamped = (Number.isFinite(d.LO) ? 1 : 0) + (Number.isFinite(d.HI) ? 1 : 0);
  const residual = d.RES ? 1 : 0;
  const ends = workCycles(
    {
      products: 0,
      loads: sums * residual,
      stores: sums,
      others: sums * (1 + residual + clamped) + ESTIMATE.tileOverhead,
    },
    target,
  );
  return {
    time: blocks * (block + besideProducts(sums, weights, sums * kw * t.icUnrolled, target)) + ends,
    // one buffer's vectors stay, the other's pass by one after another
    pressure: sums + (byLane ? Math.min(weights, t.inRows ? ofOneRow : inputs) : t.ocv + 1) + 2,
  };
}

/**
 * What multiply-adds cost more where a core in order waits for sums: those of one input vector go into as many sums as
 * kernel columns see it, all its lanes one after another into each.
 */
function waitingForSums(d: ConvSizes, { ocv, unrollKw }: Candidate, target: Target): number {
  if (!unrollKw || target.isa.ops.fmaLane === undefined) return 1;
  return waitingForSum(ESTIMATE.inTurns * Math.max(1, d.KW / d.SW) * ocv, target);
}

/** `arithmetic`: cycles of all tiles while their data are at hand. */
function tiling(
  d: ConvSizes,
  t: DirectTile & Pick<Tile, "inRows" | "apart" | "icUnrolled">,
  arithmetic: number,
  target: Target,
): Tiling {
  const oct = t.ocv * target.isa.lanes;
  const turns = Math.floor(d.OC / oct);
  const tiles = d.OH * Math.ceil(d.OW / t.ow);
  // of a plane: a block of channels, or one where neighbours along a row are together
  const float = floatBytes(target.isa);
  const element = t.inRows ? float : t.icUnrolled * float;
  const planes = t.inRows ? d.IC : d.IC / t.icUnrolled;
  const rows = touched(d.OH, d.KH, d.SH, d.DH);
  const read = inputElements(d) * float;
  const width = d.IW;
  const span = (t.ow - 1) * d.SW + (d.KW - 1) * d.DW + 1;
  const atOnce = Math.max(1, t.inPixels);
  const turnsOfRow = t.unrollKw ? 1 : d.KW;
  const inner = ((d.IC / t.icUnrolled) * d.KH * turnsOfRow) / atOnce;
  const asked = { part: 1 - 1 / d.OH, turns: turnsOfRow };
  return {
    ...(!t.inRows && t.inPixels === 0 && asksBelow(d, d.N * d.G * d.IC, target) && { asked }),
    ...{
      tiles,
      columns: Math.ceil(d.OW / t.ow),
      turns,
      planes,
      crowded: 0,
      copied: planes * d.KH * span * element,
    },
    inputs: {
      span: planes * element * rows * width,
      read,
      overlap: (read * (d.OH * d.KH - rows)) / rows,
      rowOfTiles: planes * element * d.KH * width,
    },
    window: {
      runs: planes * d.KH,
      run: span * element,
      apart: (t.apart ?? d.IH * width * element) / d.KH,
      moves: t.ow * d.SW * element,
      begun: 0,
    },
    weights: { all: d.IC * d.OC * d.KH * d.KW * float, block: d.IC * d.KH * d.KW * oct * float },
    inner: {
      weights: atOnce * t.icUnrolled * (t.unrollKw ? d.KW : 1) * oct * float,
      inputs: atOnce * (t.inPixels > 0 ? t.ow : span) * element,
      busy: arithmetic / (tiles * turns * inner),
    },
    outputs: t.ocv * (d.RES ? 2 : 1),
    unasked: (order) => (order === "packed" ? unaskedPart(order, d, target, { oh: 1, ow: t.ow }) : undefined),
  };
}
