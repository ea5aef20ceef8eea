import type { Pads } from "../../../graph/graph.ts";
import { assertNever } from "../../../support/assert.ts";
import { windowTooLarge } from "../errors.ts";
import type { NodeContext } from "../node-context.ts";
import type { TensorValue } from "../value.ts";

export type Pair = readonly [number, number];
export type AutoPad = "NOTSET" | "" | "SAME_UPPER" | "SAME_LOWER" | "VALID";

/** A sliding window over [L], [H, W] or [D, H, W] as ONNX's Conv, MaxPool and AveragePool describe it. */
export interface WindowRequest {
  readonly input: readonly number[];
  /** Zeros that a Pad before it put around an input of two dimensions. */
  readonly outside: Pads;
  readonly kernel: readonly number[];
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly pads: readonly number[] | undefined;
  readonly autoPad: AutoPad;
  readonly ceil: boolean;
}
/** One dimension of a window. */
export interface Side {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
  readonly output: number;
  /** Of begin and end, what never counts in an average: what ceil_mode added at the end. */
  readonly uncounted: Pair;
}

/**
 * Explicit pads and the output size of each dimension. ceil_mode is expressed as more padding at the end; as in PyTorch and ONNX
 * Runtime a last window that would start beyond the input is dropped. Throws F112 when the kernel does not fit once.
 */
export function resolveWindow(node: NodeContext, request: WindowRequest): readonly Side[] {
  const rank = request.input.length;
  const strides = listOf(node, "strides", request.strides, rank);
  const dilations = listOf(node, "dilations", request.dilations, rank);
  const given = padsOf(node, request.pads, rank);
  if ([...strides, ...dilations, ...request.kernel].some((v) => v < 1)) {
    node.invalid("its kernel_shape, strides and dilations must be positive");
  }
  if (given.some((p) => p < 0)) node.unsupported("negative pads");
  checkAutoPad(node, request.autoPad, given);
  return request.input.map((size, d) =>
    resolveSide(node, {
      name: SIDES[SIDES.length - rank + d],
      size: size + (rank === 2 ? request.outside[d] + request.outside[d + 2] : 0),
      kernel: request.kernel[d],
      stride: strides[d],
      dilation: dilations[d],
      pads: [given[d], given[d + rank]],
      autoPad: request.autoPad,
      ceil: request.ceil,
      largest: rank === 1 ? LONGEST_SEQUENCE : LARGEST_SIDE,
    }),
  );
}

const SIDES = ["depth", "height", "width"] as const;

export function checkAutoPad(node: NodeContext, autoPad: AutoPad, pads: readonly number[]): void {
  if (pads.some((p) => p > 0) && !["NOTSET", ""].includes(autoPad)) {
    node.invalid(`it has both auto_pad=${autoPad} and pads=[${pads.join(",")}]`);
  }
}

/** A window over images as their nodes have it. */
export interface PlaneWindow {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}

/** The last two dimensions; one alone moves along images of one row. */
export function planeOf(
  sides: readonly Side[],
): PlaneWindow & { readonly kernel: Pair; readonly output: Pair } {
  const [rows, columns] = sides.length === 1 ? [ONE_PLACE, sides[0]] : sides.slice(-2);
  return {
    kernel: [rows.kernel, columns.kernel],
    strides: [rows.stride, columns.stride],
    dilations: [rows.dilation, columns.dilation],
    pads: [rows.begin, columns.begin, rows.end, columns.end],
    output: [rows.output, columns.output],
  };
}

/** A window of one place over one. */
export const ONE_PLACE: Side = {
  kernel: 1,
  stride: 1,
  dilation: 1,
  begin: 0,
  end: 0,
  output: 1,
  uncounted: [0, 0],
};

/** Input 0 and the zeros that a Pad before the node put around it, which become part of the node's own padding. */
export function paddedInput(node: NodeContext): PaddedInput {
  const value = node.value(0);
  return value.kind === "padded" ? { x: value.of, outside: value.pads } : unpadded(node);
}

/** Input 0 as it is, with the zeros that a Pad put into it. */
export function unpadded(node: NodeContext): PaddedInput {
  return { x: node.tensor(0), outside: [0, 0, 0, 0] };
}

export interface PaddedInput {
  readonly x: TensorValue;
  readonly outside: Pads;
}

export function widened(pads: Pads, outside: Pads): Pads {
  return [pads[0] + outside[0], pads[1] + outside[1], pads[2] + outside[2], pads[3] + outside[3]];
}

interface SideRequest {
  readonly name: string;
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pads: Pair;
  readonly autoPad: AutoPad;
  readonly ceil: boolean;
  readonly largest: number;
}

/** Far beyond any network; keeps sizes of damaged files from becoming gigabytes of arena. */
export const LARGEST_SIDE = 2 ** 17;
/** The same for sounds, which have one dimension. */
export const LONGEST_SEQUENCE = 2 ** 24;

function resolveSide(node: NodeContext, side: SideRequest): Side {
  const { kernel, stride, dilation } = side;
  const reach = dilation * (kernel - 1) + 1;
  const [begin, end] = ownPads(side, reach);
  if (Math.max(reach, side.size + begin + end) > side.largest) {
    node.unsupported(`its padded input or its kernel has a ${side.name} above ${side.largest}`);
  }
  const span = side.size + begin + end - reach;
  if (span < 0) {
    const dilated = dilation > 1 ? ` with dilation ${dilation} reaches over ${reach}` : "";
    throw windowTooLarge(
      node.where,
      `${side.name}: kernel ${kernel}${dilated}, input ${side.size} + padding ${begin} + ${end}`,
    );
  }
  const resolved = { kernel, stride, dilation, begin };
  const floorOutput = Math.floor(span / stride) + 1;
  if (!side.ceil) return { ...resolved, end, output: floorOutput, uncounted: [0, 0] };
  const ceilOutput = Math.ceil(span / stride) + 1;
  const startsInside = (ceilOutput - 1) * stride < side.size + begin;
  const output = startsInside ? ceilOutput : floorOutput;
  const ceilExtra = Math.max(0, (output - 1) * stride - span);
  return { ...resolved, end: end + ceilExtra, output, uncounted: [0, ceilExtra] };
}

function ownPads(side: SideRequest, reach: number): Pair {
  switch (side.autoPad) {
    case "NOTSET":
    case "":
      return side.pads;
    case "VALID":
      return [0, 0];
    case "SAME_UPPER":
    case "SAME_LOWER": {
      const output = Math.ceil(side.size / side.stride);
      const total = Math.max(0, (output - 1) * side.stride + reach - side.size);
      const small = Math.floor(total / 2);
      return side.autoPad === "SAME_UPPER" ? [small, total - small] : [total - small, small];
    }
    default:
      return assertNever(side.autoPad);
  }
}

/** A number for each spatial dimension, 1 where none are given. */
export function listOf(
  node: NodeContext,
  what: string,
  list: readonly number[] | undefined,
  rank: number,
): readonly number[] {
  if (list !== undefined && list.length !== rank)
    node.invalid(`${what} has ${list.length} entries for ${rank} spatial dimensions`);
  return list ?? Array.from({ length: rank }, () => 1);
}

/** Those at the begin of each spatial dimension, then those at the end. */
export function padsOf(
  node: NodeContext,
  pads: readonly number[] | undefined,
  rank: number,
): readonly number[] {
  if (pads !== undefined && pads.length !== 2 * rank)
    node.invalid(`pads has ${pads.length} entries for ${rank} spatial dimensions`);
  return pads ?? Array.from({ length: 2 * rank }, () => 0);
}
