import type { Pads } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { shapeText, type TensorValue } from "../value.ts";
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
  const { x, kernel, window } = pooled(node, attributes, unpadded(node));
  const { strides, pads, dilations } = window;
  node.emit(
    { kind: "pool", mode: "max", kernel, strides, pads, dilations, countIncludePad: false },
    [x.name],
    [...x.shape.slice(0, 2), ...window.output],
  );
});

/**
 * AveragePool. Zeros of a Pad before it count always, its own padding with count_include_pad, and what
 * ceil_mode adds never; ours has one rule for all, so mixtures are refused.
 */
const averagePool = operator("AveragePool", (node, attributes) => {
  const given = paddedInput(node);
  const mixed = total(given.outside) > 0 && isMixed(pooled(node, attributes, given), attributes);
  const { x, kernel, window, outside } = pooled(node, attributes, mixed ? unpadded(node) : given);
  const { strides, dilations } = window;
  if (isMixed({ window, outside }, attributes)) {
    node.unsupported(
      "some of its padding counts in the average and some does not (count_include_pad, ceil_mode)",
    );
  }
  const always = counted({ window, outside }, attributes);
  const pads = widened(window.pads, outside);
  // rows of whole maps are summed by themselves, which keeps more digits (ops/global-avg-pool.kernel.ts)
  if (total(pads) === 0 && [...kernel, ...dilations].join() === [...x.shape.slice(2), 1, 1].join()) {
    node.emit({ kind: "global-avg-pool" }, [x.name], [...x.shape.slice(0, 2), 1, 1]);
    return;
  }
  node.emit(
    { kind: "pool", mode: "average", kernel, strides, pads, dilations, countIncludePad: always > 0 },
    [x.name],
    [...x.shape.slice(0, 2), ...window.output],
  );
});

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
  const kernel = attributes.kernel_shape;
  if (x.shape.length !== 4 || kernel.length !== 2) {
    node.unsupported(`input of shape ${shapeText(x.shape)}: only 2-D pools are supported`);
  }
  const [, , h, w] = x.shape as [number, number, number, number];
  const window = resolveWindow(node, {
    input: [h, w],
    outside,
    kernel: kernel as unknown as readonly [number, number],
    strides: attributes.strides,
    dilations: attributes.dilations,
    pads: attributes.pads,
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

/** GlobalAveragePool: x [N,C,H,W] to [N,C,1,1]. */
const globalAveragePool = operator("GlobalAveragePool", (node) => {
  const x = node.tensor(0);
  if (x.shape.length !== 4) node.unsupported(`input of shape ${shapeText(x.shape)}: only [N,C,H,W]`);
  node.emit({ kind: "global-avg-pool" }, [x.name], [...x.shape.slice(0, 2), 1, 1]);
});

export const poolingOperators = [maxPool, averagePool, globalAveragePool] as const;
