import type { Dims } from "../language/kernel.ts";
import type { Target } from "../target/target.schema.ts";
import { LINE_BYTES, unforeseenWaits } from "./memory-waits.ts";
import {
  offered,
  pieces,
  productCost,
  registerBudget,
  shortBlockBudget,
  sumsBand,
  touched,
  upTo,
} from "./tiles.ts";

/** Register tile of a direct convolution with output channels in lanes, and what it is estimated to cost. */
export interface DirectTile {
  /** Output columns. */
  readonly ow: number;
  /** Vectors of output channels. */
  readonly ocv: number;
  /** Kernel columns are written out, so that a loaded input vector serves all of them. */
  readonly unrollKw: boolean;
  readonly unrollKh: boolean;
  /** Estimated instructions for one group. */
  readonly cost: number;
}

/** A tile as an option of the knob `tile`: columns x vectors of channels. */
export function directLabel({ ow, ocv, unrollKw }: DirectTile): string {
  return `${ow}x${ocv}${unrollKw ? "-unrolled" : ""}`;
}

/** Instructions of a loop's own: count, compare, branch, pointer steps. */
const LOOP_OVERHEAD = 4;
/** Address arithmetic and pointer set-up of one tile. */
const TILE_OVERHEAD = 10;
const L1_BYTES = 32 * 1024;
/** Instructions in whose time a line comes from the second cache, most of it beside other work. */
const LINE_COST = 6;
/** Vectors that are worth loading ahead, and registers that a tile needs before any are spared for that. */
const MOST_AHEAD = 6;
const FEWEST_FOR_A_TILE = 16;
/** More multiply-adds than this in a row crowd the instruction cache (4 bytes each). */
const MOST_UNROLLED = 700;

/**
 * Tiles worth trying, first the one with the fewest estimated instructions among those that fit the registers.
 * `inRows`: a vector of the input is neighbours along a row, else channels of a pixel.
 */
export function directTiles(d: Dims, target: Target, inRows: boolean): readonly DirectTile[] {
  const { lanes } = target.isa;
  const blocks = Math.max(1, Math.floor(d.OC / lanes));
  // broadcasts are not kept for the next kernel column
  const written = target.isa.ops.fmaLane ? [true, false] : [d.KW === 1];
  const reading = readingAgain(inputElements(d));
  const candidates = upTo(Math.min(d.OW, 24)).flatMap((ow) =>
    upTo(Math.min(blocks, 6))
      .filter((ocv) => blocks % ocv === 0)
      .flatMap((ocv) => written.map((unrollKw) => costed(d, target, { ow, ocv, unrollKw, inRows }, reading))),
  );
  return offered(candidates, ({ ow, ocv, unrollKw }) => `${ocv} ${unrollKw} ${sumsBand(ow * ocv)}`);
}

interface Candidate {
  readonly ow: number;
  readonly ocv: number;
  readonly unrollKw: boolean;
  readonly inRows: boolean;
}

function costed(d: Dims, target: Target, candidate: Candidate, reading: number): DirectTile {
  const { lanes } = target.isa;
  const { ow, ocv, unrollKw } = candidate;
  const icUnrolled = d.IC % lanes === 0 ? lanes : d.IC;
  // with the whole kernel written out gcc would keep all its weights across tiles, and spill them
  const unrollKh = unrollKw && d.KH === 1;
  const blocks = Math.floor(d.OC / lanes) / ocv;
  let cost = 0;
  for (const { length, count } of pieces(d.OW, ow)) {
    const one = tileCost(d, { ...candidate, ow: length, unrollKh, icUnrolled }, target);
    const budget = d.KH * d.KW === 1 ? shortBlockBudget(target) : registerBudget(target);
    const spilled = Math.max(0, one.pressure - budget);
    cost += count * (one.instructions * (1 + spilled));
  }
  return { ow, ocv, unrollKw, unrollKh, cost: (cost * d.OH + reading) * blocks };
}

/** Elements of a group's input that are read. */
function inputElements(d: Dims): number {
  return d.IC * touched(d.OH, d.KH, d.SH, d.DH) * touched(d.OW, d.KW, d.SW, d.DW);
}

/** What it costs, in instructions, to read a group's input again for another block of channels: nothing while it stays in L1. */
function readingAgain(elements: number): number {
  const bytes = elements * 4;
  return bytes > L1_BYTES ? (bytes / LINE_BYTES) * LINE_COST : 0;
}

interface Tile extends Candidate {
  readonly unrollKh: boolean;
  readonly icUnrolled: number;
}

function tileCost(
  d: Dims,
  t: Tile,
  target: Target,
): { readonly instructions: number; readonly pressure: number } {
  const kw = t.unrollKw ? d.KW : 1;
  const accumulators = t.ow * t.ocv;
  const byLane = target.isa.ops.fmaLane !== undefined;
  // without lane operands each broadcast is a load of its own, or an operand where it is used once
  const broadcasts = t.ocv === 1 ? 0 : t.ow * t.icUnrolled;
  const pixels = touched(t.ow, kw, d.SW, d.DW);
  const span = (t.ow - 1) * d.SW + (kw - 1) * d.DW + 1;
  const ofOneRow = Math.min(pixels, Math.ceil(span / target.isa.lanes));
  const inputs = !byLane ? broadcasts : t.inRows ? t.icUnrolled * ofOneRow : pixels;
  const weights = kw * t.icUnrolled * t.ocv;
  const block = inputs + weights + accumulators * kw * t.icUnrolled * productCost(accumulators, target);
  const blocks = (d.IC / t.icUnrolled) * d.KH * (t.unrollKw ? 1 : d.KW);
  const loops = t.unrollKh ? 0 : blocks * LOOP_OVERHEAD;
  const perOutput = 2 + (d.RES ? 2 : 0) + (Number.isFinite(d.LO) ? 1 : 0) + (Number.isFinite(d.HI) ? 1 : 0);
  return {
    instructions: blocks * block + loops + accumulators * perOutput + TILE_OVERHEAD,
    // one buffer's vectors stay, the other's pass by one after another
    pressure: accumulators + (byLane ? Math.min(weights, t.inRows ? ofOneRow : inputs) : t.ocv + 1) + 2,
  };
}

/** Register tile with groups in lanes: rows and columns of outputs, all channels of the group. */
export interface GroupTile {
  readonly oh: number;
  readonly ow: number;
  readonly oc: number;
  /** The whole kernel is written out; else its columns only. */
  readonly unrollAll: boolean;
  readonly cost: number;
}

/** A tile as an option of the knob `tile`: rows x columns x channels. */
export function groupLabel({ oh, ow, oc, unrollAll }: GroupTile): string {
  return `${oh}x${ow}x${oc}${unrollAll ? "-unrolled" : ""}`;
}

/** Tiles worth trying, the cheapest first. */
export function groupTiles(d: Dims, target: Target): readonly GroupTile[] {
  const read = inputElements(d);
  const candidates = upTo(Math.min(d.OH, 4)).flatMap((oh) =>
    upTo(Math.min(d.OW, 16)).flatMap((ow) =>
      upTo(Math.min(d.OC, 4))
        .filter((oc) => d.OC % oc === 0)
        .flatMap((oc) =>
          [true, false].map((unrollAll) => groupCosted(d, target, { oh, ow, oc, unrollAll }, read)),
        ),
    ),
  );
  return offered(
    candidates.filter((c) => c !== undefined),
    ({ oh, oc, unrollAll }) => `${oh} ${oc} ${unrollAll}`,
  );
}

/** Weights in registers at a time, and those loaded for each tile. */
function groupWeights(
  d: Dims,
  target: Target,
  rows: number,
  { oc, unrollAll }: Omit<GroupTile, "cost">,
  kernel: number,
): { readonly resident: number; readonly weights: number } {
  if (!unrollAll) return { resident: d.KW * oc, weights: kernel };
  // written out, they are loaded once for the whole map, if all of them fit
  if (!target.isa.postIncrement) return { resident: kernel, weights: 0 };
  // each tile walks over them: those of a row of the kernel stay while the rows of inputs that need it pass by
  const alive = Math.min(d.KH, Math.floor((d.SH * (rows - 1)) / d.DH) + 1);
  return { resident: alive * d.KW * oc, weights: kernel };
}

/** `read`: elements of a group's input. */
function groupCosted(
  d: Dims,
  target: Target,
  t: Omit<GroupTile, "cost">,
  read: number,
): GroupTile | undefined {
  if (!t.unrollAll && t.oh > 1) return undefined;
  const fmas = t.oh * t.ow * t.oc * d.IC * d.KH * d.KW;
  if (t.unrollAll && fmas > MOST_UNROLLED) return undefined;
  const [heights, widths] = [pieces(d.OH, t.oh), pieces(d.OW, t.ow)];
  const noLoop = [...heights, ...widths].every(({ count }) => count === 1);
  // one vector is on its way to memory while the next are computed; without loops gcc keeps what tiles share
  const budget = registerBudget(target) - (noLoop ? 2 : 1) - (t.unrollAll ? loadedAhead(target) : 0);
  let cost = 0;
  for (const rows of heights) {
    for (const columns of widths) {
      const accumulators = rows.length * columns.length * t.oc;
      const inputs =
        touched(rows.length, d.KH, d.SH, d.DH) * touched(columns.length, d.KW, d.SW, d.DW) * d.IC;
      const kernel = d.KH * d.KW * d.IC * t.oc;
      const { resident, weights } = groupWeights(d, target, rows.length, t, kernel);
      const loops = t.unrollAll ? 0 : d.IC * d.KH * LOOP_OVERHEAD;
      const work = accumulators * d.KH * d.KW * d.IC;
      const perOutput =
        2 + (d.RES ? 2 : 0) + (Number.isFinite(d.LO) ? 1 : 0) + (Number.isFinite(d.HI) ? 1 : 0);
      const instructions = inputs + weights + work + loops + accumulators * perOutput + TILE_OVERHEAD;
      const spilled = Math.max(0, accumulators + resident + 2 - budget);
      cost += rows.count * columns.count * instructions * (1 + spilled);
    }
  }
  const waits = rowWaits(d, t, read, target);
  return { ...t, cost: (cost * d.OC) / t.oc + waits };
}

/** Registers for what is loaded before its turn, on a core that would wait for it otherwise. */
function loadedAhead({ core, isa }: Target): number {
  return core.inOrder ? Math.min(MOST_AHEAD, isa.registers - FEWEST_FOR_A_TILE) : 0;
}

/** Every row of a tile's outputs is a sequence of addresses, and so is every new row of its inputs. */
function rowWaits(d: Dims, { oh, ow }: Pick<GroupTile, "oh" | "ow">, inputs: number, target: Target): number {
  const { lanes } = target.isa;
  const outputs = (d.RES ? 2 : 1) * d.OC * d.OH * d.OW;
  const bytes = (inputs + outputs) * 4;
  const sequences = {
    count: oh * (d.SH + (d.RES ? 2 : 1)),
    run: (ow * d.SW * lanes * 4) / LINE_BYTES,
    lines: (bytes * lanes) / LINE_BYTES,
    bytes: bytes * d.G,
  };
  return unforeseenWaits(sequences, target);
}
