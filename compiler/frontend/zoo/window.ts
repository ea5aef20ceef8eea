import type { Pads } from "../../graph/graph.ts";

/** A square window that slides over [H, W]. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  /** A last window that hangs over the end counts, as ONNX's ceil_mode has it. */
  readonly ceil?: boolean;
}

/** Output length along one side; 0 for sides that no window fits into. */
export function windowCount(size: number, { kernel, stride, pad, ceil = false }: Window): number {
  const steps = (size + 2 * pad - kernel) / stride;
  if (!ceil) return Math.max(0, Math.floor(steps) + 1);
  const count = Math.max(0, Math.ceil(steps) + 1);
  // PyTorch's rule: no window starts behind the input.
  return count > 1 && (count - 1) * stride >= size + pad ? count - 1 : count;
}

/** Padding of an input of [..., H, W]: the end gets what the last window hangs over. */
export function windowPads(shape: readonly number[], window: Window): Pads {
  const { kernel, stride, pad } = window;
  const [bottom = pad, right = pad] = shape.slice(-2).map((size) => {
    const reached = (windowCount(size, window) - 1) * stride + kernel;
    return Math.max(pad, reached - size - pad);
  });
  return [pad, pad, bottom, right];
}

/** [N, channels, OH, OW] of an input [N, C, H, W]. */
export function windowedShape(
  [n = 1, , h = 1, w = 1]: readonly number[],
  channels: number,
  window: Window,
): readonly number[] {
  return [n, channels, windowCount(h, window), windowCount(w, window)];
}
