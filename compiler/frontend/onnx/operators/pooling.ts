import type { Pads, Pool } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { shapeText, type TensorValue } from "../value.ts";
import { alongRows, asImages, emitImages, imageShape, onSequences } from "./rank-three.ts";
import {
  type AutoPad,
  type PaddedInput,
  type Pair,
  paddedInput,
  resolveWindow,
  unpadded,
  type Window,
  widened,
} from "./window.ts";

/** MaxPool without the Indices output. */
const maxPool = operator("MaxPool", (node, attributes) => {
  // zeros of a Pad before it may win
  const pool = pooled(node, attributes, unpadded(node));
  emitPool(node, pool, { mode: "max", pads: pool.window.pads, countIncludePad: false });
});

/**
 * AveragePool. Zeros of a Pad before it count always, its own padding with count_include_pad, and what
 * ceil_mode adds never; ours has one rule for all, so mixtures are refused.
 */
const averagePool = operator("AveragePool", (node, attributes) => {
  const given = paddedInput(node);
  const mixed = total(given.outside) > 0 && isMixed(pooled(node, attributes, given), attributes);
  const pool = pooled(node, attributes, mixed ? unpadded(node) : given);
  const { x, kernel, window, outside } = pool;
  const { dilations } = window;
  if (isMixed(pool, attributes)) {
    node.unsupported(
      "some of its padding counts in the average and some does not (count_include_pad, ceil_mode)",
    );
  }
  const always = counted(pool, attributes);
  const pads = widened(window.pads, outside);
  const map = imageShape(x.shape).slice(2);
  // rows of whole maps are summed by themselves, which keeps more digits (ops/global-avg-pool.kernel.ts)
  if (total(pads) === 0 && [...kernel, ...dilations].join() === [...map, 1, 1].join()) {
    emitGlobalAverage(node, x);
    return;
  }
  emitPool(node, pool, { mode: "average", pads, countIncludePad: always > 0 });
});

function emitPool(
  node: NodeContext,
  { x, kernel, window }: Pooled,
  how: Pick<Pool, "mode" | "pads" | "countIncludePad">,
): void {
  const { strides, dilations } = window;
  const op = { kind: "pool", kernel, strides, dilations, ...how } as const;
  const shape = [...x.shape.slice(0, 2), ...window.output];
  emitImages(node, x.shape.length === 3, op, [asImages(node, x).name], shape);
}

/** Padding that counts in an average. */
function counted(
  { window, outside }: Pick<Pooled, "window" | "outside">,
  { count_include_pad: counts }: Pick<PoolAttributes, "count_include_pad">,
): number {
  return total(outside) + (counts ? total(window.pads) - window.ceilExtra[0] - window.ceilExtra[1] : 0);
}

/** Whether some of the padding counts and some does not: ours has one rule for all. */
function isMixed(
  pool: Pick<Pooled, "window" | "outside">,
  attributes: Pick<PoolAttributes, "count_include_pad">,
): boolean {
  const always = counted(pool, attributes);
  return always > 0 && always < total(pool.outside) + total(pool.window.pads);
}

function total(pads: Pads): number {
  return pads[0] + pads[1] + pads[2] + pads[3];
}

interface PoolAttributes {
  readonly count_include_pad?: boolean;
  readonly auto_pad: AutoPad;
  readonly ceil_mode: boolean;
  readonly dilations: readonly number[] | undefined;
  readonly kernel_shape: readonly number[];
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}
interface Pooled {
  readonly x: TensorValue;
  readonly kernel: readonly [number, number];
  readonly window: Window;
  readonly outside: Pads;
}

function pooled(node: NodeContext, attributes: PoolAttributes, { x, outside }: PaddedInput): Pooled {
  const along = onSequences(node, x, "pools") ? alongRows(attributes) : attributes;
  const kernel = along.kernel_shape ?? [];
  if (kernel.length !== 2) {
    node.invalid(
      `kernel_shape ${shapeText(attributes.kernel_shape)} for an input of shape ${shapeText(x.shape)}`,
    );
  }
  const [, , h, w] = imageShape(x.shape);
  const window = resolveWindow(node, {
    input: [h, w],
    outside,
    kernel: kernel as unknown as readonly [number, number],
    strides: along.strides,
    dilations: along.dilations,
    pads: along.pads,
    autoPad: attributes.auto_pad,
    ceil: attributes.ceil_mode,
  });
  // The specification leaves open what it gives; ONNX Runtime gives the lowest number, or a NaN.
  if (
    holdsOnlyPadding([h, w], kernel as unknown as Pair, { ...window, pads: widened(window.pads, outside) })
  ) {
    node.unsupported("one of its windows holds nothing but padding");
  }
  return { x, kernel: kernel as unknown as readonly [number, number], window, outside };
}

/** Whether a window, at some place, has no tap on the input along one of its axes. */
function holdsOnlyPadding(input: Pair, kernel: Pair, { strides, dilations, pads, output }: Window): boolean {
  return [0, 1].some((d) => {
    const touches = (at: number): boolean => {
      const start = at * strides[d] - pads[d];
      const first = start < 0 ? Math.ceil(-start / dilations[d]) : 0;
      return first < kernel[d] && start + first * dilations[d] < input[d];
    };
    return Array.from({ length: output[d] }, (_, at) => at).some((at) => !touches(at));
  });
}

/** GlobalAveragePool: x [N,C,H,W] to [N,C,1,1], or [N,C,L] to [N,C,1]. */
const globalAveragePool = operator("GlobalAveragePool", (node) => {
  const x = node.tensor(0);
  onSequences(node, x, "pools");
  emitGlobalAverage(node, x);
});

function emitGlobalAverage(node: NodeContext, x: TensorValue): void {
  const shape = [...x.shape.slice(0, 2), 1, 1];
  emitImages(node, x.shape.length === 3, { kind: "global-avg-pool" }, [asImages(node, x).name], shape);
}

export const poolingOperators = [maxPool, averagePool, globalAveragePool] as const;
