import type { NodeContext } from "../node-context.ts";
import type { ConstantValue, TensorValue } from "../value.ts";
import { convolutionOf } from "./convolution-parts.ts";
import { emitByDepths } from "./frames.ts";
import { planeOf, type Side } from "./window.ts";

/** A convolution of volumes: x [N,C,D,H,W], weights [OC,C/groups,KD,KH,KW]. */
export interface DeepConvolution {
  readonly node: NodeContext;
  readonly x: TensorValue;
  readonly weights: ConstantValue;
  readonly bias: ConstantValue | undefined;
  readonly groups: number;
  /** Depth, height, width. */
  readonly sides: readonly Side[];
}

/**
 * Images at each depth are convolved with those at the depths that the kernel reaches from there, as channels of one image. Depths
 * whose kernels reach over the border have fewer of them, and convolutions of their own: nothing is multiplied by zeros of a border.
 */
export function emitDeepConvolution({ node, x, weights, bias, groups, sides }: DeepConvolution): void {
  const [oc, perGroup] = weights.shape;
  const [depth] = sides;
  const window = planeOf(sides);
  const op = convolutionOf(window, groups, bias !== undefined);
  const source = (at: number, tap: number): number => at * depth.stride + tap * depth.dilation - depth.begin;
  emitByDepths(
    node,
    x,
    groups,
    { places: depth.output, taps: depth.kernel, source, bias },
    [oc, ...window.output],
    (images, taps) => {
      const shape = [oc, perGroup * taps.length, ...window.kernel];
      const inputs = [images.name, node.weight("weights", shape, tapsOf(weights, taps))];
      if (bias !== undefined) inputs.push(node.use(bias));
      return node.emitHelper("part", op, inputs, [images.shape[0], oc, ...window.output]);
    },
  );
}

/** Weights of some depths: [OC, taps * C/groups, KH, KW]. */
function tapsOf(
  { shape: [oc, c, depth, kh, kw], data }: ConstantValue,
  taps: readonly number[],
): Float32Array {
  const plane = kh * kw;
  const out = new Float32Array(oc * taps.length * c * plane);
  let to = 0;
  for (let o = 0; o < oc; o++) {
    for (const tap of taps) {
      for (let i = 0; i < c; i++) {
        const from = ((o * c + i) * depth + tap) * plane;
        out.set(data.subarray(from, from + plane), to);
        to += plane;
      }
    }
  }
  return out;
}
