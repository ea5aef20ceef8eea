import type { Pads } from "../../../graph/graph.ts";
import { assertNever } from "../../../support/assert.ts";
import { windowTooLarge } from "../errors.ts";
import type { NodeContext } from "../node-context.ts";
import type { TensorValue } from "../value.ts";

export type Pair = readonly [number, number];
export type AutoPad = "NOTSET" | "" | "SAME_UPPER" | "SAME_LOWER" | "VALID";

/** A sliding window over [H, W] as ONNX's Conv, MaxPool and AveragePool describe it. */
export interface WindowRequest {
  readonly input: Pair;
  /** Zeros that a Pad before it put around the input. */
  readonly outside: Pads;
  readonly kernel: Pair;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  readonly pads: readonly number[] | undefined;
  readonly autoPad: AutoPad;
  readonly ceil: boolean;
}
export interface Window {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
  readonly output: Pair;
  /** Rows and columns that ceil_mode added at the end, contained in `pads`. */
  readonly ceilExtra: Pair;
}

/**
 * Explicit pads and the output size. ceil_mode is expressed as more padding at the end; as in PyTorch and ONNX Runtime
 * a last window that would start beyond the input is dropped. Throws F112 when the kernel does not fit once.
 */
export function resolveWindow(node: NodeContext, request: WindowRequest): Window {
  const strides = pairOf(node, "strides", request.strides);
  const dilations = pairOf(node, "dilations", request.dilations);
  if ([...strides, ...dilations, ...request.kernel].some((v) => v < 1)) {
    node.invalid("its kernel_shape, strides and dilations must be positive");
  }
  const given = request.pads ?? [0, 0, 0, 0];
  if (given.length !== 4)
    node.unsupported(`pads has ${given.length} entries: only 2-D windows are supported`);
  if (given.some((p) => p < 0)) node.unsupported("negative pads");
  if (given.some((p) => p > 0) && !["NOTSET", ""].includes(request.autoPad)) {
    node.invalid(`it has both auto_pad=${request.autoPad} and pads=[${given.join(",")}]`);
  }
  const sides = [0, 1].map((d) =>
    resolveSide(node, {
      name: d === 0 ? "height" : "width",
      size:
        (request.input[d] as number) + (request.outside[d] as number) + (request.outside[d + 2] as number),
      kernel: request.kernel[d] as number,
      stride: strides[d] as number,
      dilation: dilations[d] as number,
      pads: [given[d] as number, given[d + 2] as number],
      autoPad: request.autoPad,
      ceil: request.ceil,
    }),
  );
  const [h, w] = sides as [Side, Side];
  return {
    strides,
    dilations,
    pads: [h.begin, w.begin, h.end, w.end],
    output: [h.output, w.output],
    ceilExtra: [h.ceilExtra, w.ceilExtra],
  };
}

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
}
interface Side {
  readonly begin: number;
  readonly end: number;
  readonly output: number;
  readonly ceilExtra: number;
}

/** Far beyond any network; keeps sizes of damaged files from becoming gigabytes of arena. */
export const LARGEST_SIDE = 2 ** 17;

function resolveSide(node: NodeContext, side: SideRequest): Side {
  const reach = side.dilation * (side.kernel - 1) + 1;
  const [begin, end] = padsOf(side, reach);
  if (Math.max(reach, side.size + begin + end) > LARGEST_SIDE) {
    node.unsupported(`its padded input or its kernel has a ${side.name} above ${LARGEST_SIDE}`);
  }
  const span = side.size + begin + end - reach;
  if (span < 0) {
    const dilated = side.dilation > 1 ? ` with dilation ${side.dilation} reaches over ${reach}` : "";
    throw windowTooLarge(
      node.where,
      `${side.name}: kernel ${side.kernel}${dilated}, input ${side.size} + padding ${begin} + ${end}`,
    );
  }
  const floorOutput = Math.floor(span / side.stride) + 1;
  if (!side.ceil) return { begin, end, output: floorOutput, ceilExtra: 0 };
  const ceilOutput = Math.ceil(span / side.stride) + 1;
  const startsInside = (ceilOutput - 1) * side.stride < side.size + begin;
  const output = startsInside ? ceilOutput : floorOutput;
  const ceilExtra = Math.max(0, (output - 1) * side.stride - span);
  return { begin, end: end + ceilExtra, output, ceilExtra };
}

function padsOf(side: SideRequest, reach: number): Pair {
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

export function pairOf(node: NodeContext, what: string, list: readonly number[] | undefined): Pair {
  if (list === undefined) return [1, 1];
  if (list.length !== 2)
    node.unsupported(`${what} has ${list.length} entries: only 2-D windows are supported`);
  return list as unknown as Pair;
}
