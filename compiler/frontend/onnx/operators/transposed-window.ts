import type { NodeContext } from "../node-context.ts";
import {
  type AutoPad,
  checkAutoPad,
  LARGEST_SIDE,
  LONGEST_SEQUENCE,
  listOf,
  type Pair,
  padsOf,
} from "./window.ts";

/** One spatial axis of a transposed convolution: input i and tap k meet at output i * stride + k * dilation - begin. */
export interface TransposedSide {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly output: number;
}

export interface TransposedAttributes {
  readonly auto_pad: AutoPad;
  readonly dilations: readonly number[] | undefined;
  readonly output_padding: readonly number[] | undefined;
  readonly output_shape: readonly number[] | undefined;
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}

/** Each spatial axis of a ConvTranspose as ONNX describes them. */
export function transposedSides(
  node: NodeContext,
  input: readonly number[],
  kernel: readonly number[],
  attributes: TransposedAttributes,
): readonly TransposedSide[] {
  const { auto_pad: autoPad, output_shape: wanted, output_padding: padding } = attributes;
  const rank = input.length;
  const strides = listOf(node, "strides", attributes.strides, rank);
  const dilations = listOf(node, "dilations", attributes.dilations, rank);
  const more = padding === undefined ? input.map(() => 0) : listOf(node, "output_padding", padding, rank);
  const pads = padsOf(node, attributes.pads, rank);
  if ([...strides, ...dilations, ...kernel].some((v) => v < 1)) {
    node.invalid("its kernel_shape, strides and dilations must be positive");
  }
  const outputs = wanted && listOf(node, "output_shape", wanted, rank);
  if ([...more, ...pads].some((v) => v < 0)) node.unsupported("negative pads or output_padding");
  checkAutoPad(node, autoPad, pads);
  const largest = rank === 1 ? LONGEST_SEQUENCE : LARGEST_SIDE;
  return input.map((extent, d): TransposedSide => {
    const sizes = { input: extent, kernel: kernel[d], stride: strides[d], dilation: dilations[d] };
    const full = (sizes.input - 1) * sizes.stride + more[d] + (sizes.kernel - 1) * sizes.dilation + 1;
    if (!(Math.max(full, outputs?.[d] ?? 0) <= largest)) {
      node.unsupported(`its output, padding included, has a side above ${largest}`);
    }
    return { ...sizes, ...placed(node, autoPad, full, sizes, outputs?.[d], [pads[d], pads[d + rank]]) };
  });
}

/** A side of one place over one. */
export const ONE_ROW: TransposedSide = { input: 1, kernel: 1, stride: 1, dilation: 1, begin: 0, output: 1 };

/** Where the output begins in all that taps reach and output_padding adds, and how much of it there is. */
function placed(
  node: NodeContext,
  autoPad: AutoPad,
  full: number,
  { input, stride }: { readonly input: number; readonly stride: number },
  wanted: number | undefined,
  [begin, end]: Pair,
): { readonly begin: number; readonly output: number } {
  const same = autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER";
  if (wanted === undefined && !same) {
    const output = full - begin - end;
    if (output < 1) node.invalid(`its pads ${begin} and ${end} leave nothing of ${full} rows or columns`);
    return { begin, output };
  }
  const output = wanted ?? input * stride;
  if (output < 1) node.unsupported(`an output_shape of ${output}`);
  if (output > full && wanted === undefined) {
    node.unsupported(`auto_pad=${autoPad} with a kernel that does not reach over its stride`);
  }
  const left = Math.max(0, full - output);
  const half = Math.floor(left / 2);
  return { begin: autoPad === "SAME_UPPER" ? half : left - half, output };
}

/**
 * A window over one axis of the input as an ordinary convolution has it: place t reads rows t + first, t + first + dilation
 * and so on, each with one of the kernel's taps.
 */
export interface PhaseWindow {
  readonly taps: readonly number[];
  readonly first: number;
  readonly dilation: number;
  readonly places: number;
}

/** The windows that compute outputs a, a + stride, ...: as many places each as the first has. No taps: nothing reaches them. */
export function phaseWindow(side: TransposedSide, a: number): PhaseWindow {
  const { kernel, stride, dilation, begin, output } = side;
  const at = a + begin;
  const taps = Array.from({ length: kernel }, (_, i) => kernel - 1 - i).filter(
    (k) => (at - k * dilation) % stride === 0,
  );
  const [last = 0, next] = taps;
  return {
    taps,
    first: (at - last * dilation) / stride,
    dilation: next === undefined ? 1 : ((last - next) * dilation) / stride,
    places: Math.ceil(output / stride),
  };
}

/** Windows that all phases share, if they do: tap lists of each phase, and where the output begins in what they compute. */
export interface SharedWindow {
  readonly window: Omit<PhaseWindow, "taps">;
  readonly taps: readonly (readonly number[])[];
  readonly from: number;
}

/** The same windows for every phase, where each has as many taps at the same distances: the output is cut out of what they compute. */
export function sharedWindow(side: TransposedSide): SharedWindow | undefined {
  const { stride, begin, output } = side;
  const phases = Array.from({ length: stride }, (_, a) => phaseWindow({ ...side, begin: 0 }, a));
  const [{ first, dilation, taps }] = phases;
  const alike = phases.every(
    (phase) => phase.taps.length === taps.length && phase.first === first && phase.dilation === dilation,
  );
  if (!alike || taps.length === 0) return undefined;
  const start = Math.floor(begin / stride);
  const places = Math.floor((begin + output - 1) / stride) - start + 1;
  return {
    window: { first: first + start, dilation, places },
    taps: phases.map((phase) => phase.taps),
    from: begin - start * stride,
  };
}
