import type {
  AlgorithmLimits,
  ConvCandidate,
  ConvDims,
  ConvPart,
  ConvPlan,
  PartSizes,
} from "../../ops/conv2d/algorithm.ts";
import { convAlgorithms } from "../../ops/conv2d/algorithms.ts";
import type { Pads } from "../graph.ts";
import { arrangeBias, type KernelChannels } from "./conv-weights.ts";
import { type NodeTask, type ParamBinding, weightBinding } from "./node-task.ts";

/** Algorithm of a convolution that sums its products as they come. */
export const DIRECT = "direct";

/** A way to compute a convolution. */
export type AlgorithmCandidate = Pick<ConvCandidate, "algorithm" | "cost" | "weights">;

/** Of one whose map a window goes over while it is made: the sums are the same. */
export const BANDS = "bands";

/** Of one whose weights are multiplied with gates of its input in place of that: the products are the same, rounded in another order. */
export const GATED = "gated";

/** Says which of the ways a convolution is computed by; undefined: the one that the estimate takes. */
export type DecideAlgorithm = (
  layer: string,
  candidates: readonly AlgorithmCandidate[],
) => string | undefined;

/** What algorithms may be made of, and who decides on them. */
export interface AlgorithmWishes extends AlgorithmLimits {
  /** Absent: the cheapest by estimate, where one pays. */
  readonly decide?: (candidates: readonly AlgorithmCandidate[]) => string | undefined;
}

/** What a convolution may use beyond its output, and what for. */
export interface Room extends AlgorithmWishes {
  /** It is only asked how a convolution would be computed that could read numbers of steps: who does read such counts. */
  readonly asks?: true;
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
 * The algorithm that was decided for, else the cheapest that pays; what it writes reaches no farther over the output than there
 * is room. Undefined for the direct convolution.
 */
export function algorithmFor(dims: ConvDims, lanes: number, room: Room | undefined): ConvPlan | undefined {
  if (room === undefined) return undefined;
  const candidates = candidatesFor(dims, lanes, room).sort((a, b) => a.cost - b.cost);
  const { G, OC, IC, KH, KW } = dims;
  const direct = { algorithm: DIRECT, cost: 1, weights: G * OC * IC * KH * KW };
  const decided = room.decide?.([direct, ...candidates]);
  const isSettled = dims.COUNTED === 1 && room.asks !== true;
  const allowed = ({ algorithm, pays, parts }: ConvCandidate): boolean => {
    if (isSettled) return parts.every(({ counts }) => counts);
    return decided === undefined ? pays : algorithm === decided;
  };
  return candidates
    .filter(allowed)
    .find(({ parts }) =>
      parts.every(
        ({ from, covers: [rows, columns] }) =>
          from + rows <= dims.OH + room.rows && columns <= dims.OW + room.columns,
      ),
    );
}

/** The ways of all algorithms to compute a convolution, but for the direct one. */
function candidatesFor(dims: ConvDims, lanes: number, limits: AlgorithmLimits): ConvCandidate[] {
  return convAlgorithms.flatMap((algorithm) => algorithm.candidates(dims, lanes, limits));
}

/** Time of the cheapest way to compute a convolution that pays, relative to its sums as they come. */
export function leastCost(dims: ConvDims, lanes: number, limits: AlgorithmLimits): number {
  const paying = candidatesFor(dims, lanes, limits).filter(({ pays }) => pays);
  return Math.min(1, ...paying.map(({ cost }) => cost));
}

/** A call of an algorithm's kernel for some rows of a convolution, what it hangs over included. */
export interface PartCall {
  readonly sizes: PartSizes;
  readonly weights: readonly ParamBinding[];
  /** What the kernel sees beyond input and output; below 0 it leaves rows away, which other calls see. */
  readonly xPads: Pads;
  readonly yPads: Pads;
}

/**
 * @param dims of the whole convolution
 * @param pads of its input
 * @param weights in the kernel's order of channels, not yet arranged
 * @param bias as the network has it
 */
export function partCall(
  { from, rows, covers: [OH, OW], window: [seenH, seenW], weights: made, takesBias }: ConvPart,
  dims: ConvDims,
  [top, left, bottom, right]: Pads,
  channels: KernelChannels,
  weights: () => Float32Array,
  bias: Float32Array | undefined,
): PartCall {
  const { N, G, OC, IC, KH, KW, SH, SW, DH, DW } = dims;
  const taken = (): Float32Array | undefined => (takesBias && bias ? arrangeBias(bias, channels) : undefined);
  const [below, beside] = [from + OH - dims.OH, OW - dims.OW];
  const [IH, IW] = [(OH - 1) * SH + (seenH - 1) * DH + 1, (OW - 1) * SW + (seenW - 1) * DW + 1];
  const [lower, farther] = [below * SH + (seenH - KH) * DH, beside * SW + (seenW - KW) * DW];
  return {
    sizes: { N, G, OC, IC, OH, OW, KH, KW, IH, IW, ROWS: rows, COLUMNS: dims.OW },
    weights: made.map(({ param, shape, arrange, dtype }) =>
      weightBinding(param, shape(channels), () => arrange(weights(), channels, taken()), dtype),
    ),
    xPads: [top - from * SH, left, bottom + lower, right + farther],
    yPads: [-from, 0, below, beside],
  };
}
