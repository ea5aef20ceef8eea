import type { Target } from "../../machine/target.schema.ts";
import { knowsLast } from "../../support/knows-last.ts";
import { ESTIMATE } from "../estimate/estimate-constants.ts";
import { waitingForSum, workCycles } from "../estimate/work-cycles.ts";
import { inputElements, offered, pieces, registerBudget, touched, upTo } from "../tiles.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";
import { rowWaits } from "./row-waits.ts";

/** Register tile with groups in lanes: rows and columns of outputs, all channels of the group. */
export interface GroupTile {
  readonly oh: number;
  readonly ow: number;
  readonly oc: number;
  /** The whole kernel is written out; else its columns only. */
  readonly unrollAll: boolean;
  /** Estimated time for the groups of one vector: instructions, and cycles of waiting for memory. */
  readonly cost: number;
}

/** A tile as an option of the knob `tile`: rows x columns x channels. */
export function groupLabel({ oh, ow, oc, unrollAll }: GroupTile): string {
  return `${oh}x${ow}x${oc}${unrollAll ? "-unrolled" : ""}`;
}

/** Tiles worth trying, the cheapest first. */
export const groupTiles = knowsLast((d: ConvSizes, target: Target): readonly GroupTile[] =>
  offered(groupCandidates(d, target), ({ oh, oc, unrollAll }) => `${oh} ${oc} ${unrollAll}`),
);

/** All tiles with their estimates. */
export function groupCandidates(d: ConvSizes, target: Target): readonly GroupTile[] {
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
  return candidates.filter((c) => c !== undefined);
}

/** Weights in registers at a time, and those loaded for each tile. */
function groupWeights(
  d: ConvSizes,
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
  d: ConvSizes,
  target: Target,
  t: Omit<GroupTile, "cost">,
  read: number,
): GroupTile | undefined {
  if (!t.unrollAll && t.oh > 1) return undefined;
  const products = t.oh * t.ow * t.oc * d.IC * d.KH * d.KW;
  if (t.unrollAll && products > ESTIMATE.mostUnrolled) return undefined;
  const [heights, widths] = [pieces(d.OH, t.oh), pieces(d.OW, t.ow)];
  const noLoop = [...heights, ...widths].every(({ count }) => count === 1);
  // one vector is on its way to memory while the next are computed; without loops gcc keeps what tiles share
  const budget = registerBudget(target) - (noLoop ? 2 : 1) - (t.unrollAll ? loadedAhead(target) : 0);
  let cost = 0;
  for (const rows of heights)
    for (const columns of widths)
      cost += rows.count * columns.count * pieceTime(d, target, t, rows.length, columns.length, budget);
  const arithmetic = (cost * restTime(d, t, target) * d.OC) / t.oc;
  return { ...t, cost: arithmetic + rowWaits(d, t, read, arithmetic, target) };
}

/**
 * What tiles take more where they leave a smaller one at the end of a row: it is in a loop of its own, behind which a prefetcher begins anew. Not in
 * bands of a row or two, whose windows read what was just made. Fitted to the modelled A53.
 */
const REST = 1.05;
const BAND_ROWS = 2;
/** Sums of a tile that gcc 12 copies once more, and what it takes more: moves do not hide. Fitted to the modelled A53. */
const COPIED = { sums: 8, time: 1.05 };

function restTime({ OH, OW }: ConvSizes, { oh, ow, oc }: Omit<GroupTile, "cost">, { core }: Target): number {
  if (!core.inOrder || OH <= BAND_ROWS) return 1;
  return (OW % ow === 0 ? 1 : REST) * (oh * ow * oc === COPIED.sums ? COPIED.time : 1);
}

/** Time of one tile of so many rows and columns while its data are at hand. */
function pieceTime(
  d: ConvSizes,
  target: Target,
  t: Omit<GroupTile, "cost">,
  rows: number,
  columns: number,
  budget: number,
): number {
  const sums = rows * columns * t.oc;
  const inputs = touched(rows, d.KH, d.SH, d.DH) * touched(columns, d.KW, d.SW, d.DW) * d.IC;
  const kernel = d.KH * d.KW * d.IC * t.oc;
  const { resident, weights } = groupWeights(d, target, rows, t, kernel);
  const loops = t.unrollAll ? 0 : d.IC * d.KH * ESTIMATE.loopOverhead;
  const clamps = (Number.isFinite(d.LO) ? 1 : 0) + (Number.isFinite(d.HI) ? 1 : 0);
  const work = {
    products: sums * d.KH * d.KW * d.IC * waitingForSum(sums, target),
    loads: inputs + weights + (d.RES ? sums : 0),
    stores: sums,
    // one to begin with, one to add the residual
    others: sums * (1 + (d.RES ? 1 : 0) + clamps) + loops + ESTIMATE.tileOverhead,
  };
  const spilled = Math.max(0, sums + resident + 2 - budget);
  return workCycles(work, target) * (1 + spilled);
}

/** Registers for what is loaded before its turn, on a core that would wait for it otherwise. */
function loadedAhead({ core, isa }: Target): number {
  return core.inOrder ? Math.min(ESTIMATE.mostAhead, isa.registers - ESTIMATE.fewestForATile) : 0;
}
