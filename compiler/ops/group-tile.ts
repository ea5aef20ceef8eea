import type { Dims } from "../language/kernel.ts";
import type { Target } from "../target/target.schema.ts";
import { ESTIMATE } from "./estimate-constants.ts";
import { LINE_BYTES, unforeseenWaits } from "./memory-waits.ts";
import { inputElements, offered, pieces, registerBudget, touched, upTo } from "./tiles.ts";

/** Vectors that are worth loading ahead, and registers that a tile needs before any are spared for that. */
const MOST_AHEAD = 6;
const FEWEST_FOR_A_TILE = 16;
/** More multiply-adds than this in a row crowd the instruction cache (4 bytes each). */
const MOST_UNROLLED = 700;

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
export function groupTiles(d: Dims, target: Target): readonly GroupTile[] {
  return offered(groupCandidates(d, target), ({ oh, oc, unrollAll }) => `${oh} ${oc} ${unrollAll}`);
}

/** All tiles with their estimates. */
export function groupCandidates(d: Dims, target: Target): readonly GroupTile[] {
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
      const loops = t.unrollAll ? 0 : d.IC * d.KH * ESTIMATE.loopOverhead;
      const work = accumulators * d.KH * d.KW * d.IC;
      const perOutput =
        2 + (d.RES ? 2 : 0) + (Number.isFinite(d.LO) ? 1 : 0) + (Number.isFinite(d.HI) ? 1 : 0);
      const instructions = inputs + weights + work + loops + accumulators * perOutput + ESTIMATE.tileOverhead;
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
