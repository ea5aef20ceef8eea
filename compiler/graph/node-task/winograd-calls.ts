import type { Dims } from "../../language/kernel.ts";
import {
  type WinogradCandidate,
  type WinogradPart,
  type WinogradPlan,
  winogradCandidates,
} from "../../ops/winograd/winograd-blocks.ts";
import type { Pads } from "../graph.ts";
import type { KernelChannels } from "./conv-weights.ts";
import { type NodeTask, type ParamBinding, weightBinding } from "./node-task.ts";
import { winogradWeights } from "./winograd-weights.ts";

/** Algorithm of a convolution that sums its products as they come. */
export const DIRECT = "direct";

/** A way to compute a convolution. */
export interface AlgorithmCandidate {
  /** "direct", "winograd4", "winograd6:48+winograd4:8". */
  readonly algorithm: string;
  /** Instructions by estimate, relative to the direct convolution's. */
  readonly cost: number;
  /** Elements of the weights that it reads. */
  readonly weights: number;
}

/** Says which of the ways a convolution is computed by; undefined: the one that the estimate takes. */
export type DecideAlgorithm = (
  layer: string,
  candidates: readonly AlgorithmCandidate[],
) => string | undefined;

/** What Winograd convolutions may be made of. */
export interface WinogradLimits {
  /** Vector registers for a tile. */
  readonly registers: number;
  /** Outputs along a side of the largest tile that is allowed. */
  readonly largestTile: number;
  /** Absent: the cheapest by estimate, where one pays. */
  readonly decide?: (candidates: readonly AlgorithmCandidate[]) => string | undefined;
}

/** What a convolution may use beyond its output, and what for. */
export interface Room extends WinogradLimits {
  /** Rows below and columns to the right of the output that may be written to. */
  readonly rows: number;
  readonly columns: number;
}

/** Rows and columns that a node's kernel calls write beyond its output. */
export function roomUsed(tasks: readonly NodeTask[]): readonly [number, number] {
  const pads = tasks.flatMap(({ params }) =>
    params.flatMap((param) =>
      param.kind === "activation" && param.operand === "output" ? [param.view.pads] : [],
    ),
  );
  return [Math.max(0, ...pads.map((p) => p[2])), Math.max(0, ...pads.map((p) => p[3]))];
}

/**
 * The Winograd convolution that was decided for, else the cheapest that pays; its last tiles reach no farther over the
 * output than there is room. Undefined for the direct convolution.
 */
export function winogradFor(dims: Dims, lanes: number, room: Room | undefined): WinogradPlan | undefined {
  if (room === undefined) return undefined;
  const candidates = winogradCandidates(dims, lanes, room.registers, room.largestTile);
  const { G, OC, IC, KH, KW } = dims;
  const direct = { algorithm: DIRECT, cost: 1, weights: G * OC * IC * KH * KW };
  const decided = room.decide?.([direct, ...candidates]);
  const allowed = ({ algorithm, pays }: WinogradCandidate): boolean =>
    decided === undefined ? pays : algorithm === decided;
  return candidates.filter(allowed).find(({ parts }) =>
    parts.every((part) => {
      const [rows, columns] = covered(part);
      return part.from + rows <= dims.OH + room.rows && columns <= dims.OW + room.columns;
    }),
  );
}

/** Rows and columns of all tiles of a part. */
function covered({ winograd, blocks }: WinogradPart): readonly [number, number] {
  const { RB, TR, CB, TC } = blocks;
  return [winograd.tile * RB * TR, winograd.tile * CB * TC];
}

/** A call of a Winograd kernel for some rows of a convolution, what its tiles hang over included. */
export interface WinogradCall {
  readonly op: string;
  readonly sizes: Readonly<Record<string, number>>;
  /** The transformed weights. */
  readonly u: ParamBinding;
  /** What the kernel sees beyond input and output; below 0 it leaves rows away, which other calls see. */
  readonly xPads: Pads;
  readonly yPads: Pads;
}

/**
 * @param dims of the whole convolution
 * @param pads of its input
 * @param weights in the kernel's order of channels, not yet transformed
 */
export function winogradCall(
  part: WinogradPart,
  { N, G, OC, IC, OH, OW }: Dims,
  [top, left, bottom, right]: Pads,
  channels: KernelChannels,
  weights: () => Float32Array,
): WinogradCall {
  const { winograd, blocks, from, rows } = part;
  const [tileRows, tileColumns] = covered(part);
  const [below, beside] = [from + tileRows - OH, tileColumns - OW];
  return {
    op: winograd.op,
    sizes: {
      ...{ N, G, OC, IC, ...blocks, OH: tileRows, OW: tileColumns },
      ...{ IH: tileRows + 2, IW: tileColumns + 2, ROWS: rows, COLUMNS: OW },
    },
    u: weightBinding("u", [G, ...winograd.points, OC, IC], () =>
      winogradWeights(weights(), channels, winograd.tile),
    ),
    xPads: [top - from, left, bottom + below, right + beside],
    yPads: [-from, 0, below, beside],
  };
}
