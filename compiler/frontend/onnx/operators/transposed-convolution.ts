import { groupsDoNotDivide } from "../errors.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import type { ConstantValue, TensorValue } from "../value.ts";
import { biasOf, checkKernel, checkRank } from "./convolution-parts.ts";
import { emitByDepths } from "./frames.ts";
import { asImages, type Emit, imageEmitter, withRow } from "./row-images.ts";
import { emitTransposed, type TransposedLayer } from "./transposed-phases.ts";
import { ONE_ROW, type TransposedSide, transposedSides } from "./transposed-window.ts";

/**
 * ConvTranspose: x [N,C,L], [N,C,H,W] or [N,C,D,H,W], W [C,OC/group,...] with as many dimensions, optional B [OC]. Becomes ordinary
 * convolutions, as many multiplications as it has: outputs that lie a stride apart are computed alike, and put side by side by a
 * depth-to-space.
 */
const convTranspose = operator("ConvTranspose", (node, attributes) => {
  const x = node.tensor(0);
  const weights = node.constant(1, "weights");
  checkRank(node, x, weights);
  const groups = attributes.group;
  const channels = checkedChannels(node, x, weights, groups);
  checkKernel(node, attributes.kernel_shape, weights);
  const bias = biasOf(node, channels);
  const sides = transposedSides(node, x.shape.slice(2), weights.shape.slice(2), attributes);
  const layer = { node, x, weights, bias, groups, channels };
  const emit = imageEmitter(node, x);
  switch (sides.length) {
    case 1: {
      const rows = { ...weights, shape: withRow(weights.shape) };
      emitTransposed({ ...layer, x: asImages(node, x), weights: rows, emit }, ONE_ROW, sides[0]);
      return;
    }
    case 2:
      emitTransposed({ ...layer, emit }, sides[0], sides[1]);
      return;
    default:
      emitVolumes(layer, sides);
  }
});

/** Output channels of weights [C,OC/groups,...] that fit the input. */
function checkedChannels(node: NodeContext, x: TensorValue, weights: ConstantValue, groups: number): number {
  const [wc, perGroup] = weights.shape;
  const [, c] = x.shape;
  const channels = perGroup * groups;
  if (groups < 1 || c % groups !== 0) {
    throw groupsDoNotDivide(node.where, `group=${groups}, ${c} input and ${channels} output channels`);
  }
  if (wc !== c) node.invalid(`its weights take ${wc} channels, its input has ${c}`);
  return channels;
}

/** Volumes: at each depth a transposed convolution of the images that the kernel's depths bring there. */
function emitVolumes(
  layer: Omit<TransposedLayer, "emit">,
  [depth, rows, columns]: readonly TransposedSide[],
): void {
  const { node, x, weights, bias, groups, channels } = layer;
  const source = (at: number, tap: number): number | undefined => {
    const from = at + depth.begin - tap * depth.dilation;
    return from % depth.stride === 0 ? from / depth.stride : undefined;
  };
  const shape = [channels, rows.output, columns.output];
  emitByDepths(
    node,
    x,
    groups,
    { places: depth.output, taps: depth.kernel, source, bias },
    shape,
    (images, taps) => {
      let made = images;
      const emit: Emit = (...last) => {
        made = node.emitHelper("part", ...last);
      };
      emitTransposed({ ...layer, x: images, weights: tapsOf(weights, groups, taps), emit }, rows, columns);
      return made;
    },
  );
}

/** Weights of some depths of the kernel, for inputs that have the channels of all of them in each group: [taps * C,OC/group,KH,KW]. */
function tapsOf(weights: ConstantValue, groups: number, taps: readonly number[]): ConstantValue {
  const [c, perGroup, depth, kh, kw] = weights.shape;
  const plane = kh * kw;
  const data = new Float32Array(c * perGroup * taps.length * plane);
  let to = 0;
  for (let g = 0; g < groups; g++) {
    for (const tap of taps) {
      for (let i = (g * c) / groups; i < ((g + 1) * c) / groups; i++) {
        for (let o = 0; o < perGroup; o++) {
          const from = ((i * perGroup + o) * depth + tap) * plane;
          data.set(weights.data.subarray(from, from + plane), to);
          to += plane;
        }
      }
    }
  }
  return { ...weights, shape: [c * taps.length, perGroup, kh, kw], data };
}

export const transposedConvolutionOperators = [convTranspose] as const;
