import { operator } from "../operator.ts";
import { biasOf, checkGroups, checkKernel, checkRank, convolutionOf } from "./convolution-parts.ts";
import { emitDeepConvolution } from "./deep-convolution.ts";
import {
  biasedEmitter,
  computedBias,
  dynamicConvolution,
  dynamicWeights,
  weightsOf,
} from "./dynamic-convolution.ts";
import { asImages, asKernels } from "./row-images.ts";
import { paddedInput, planeOf, resolveWindow, widened } from "./window.ts";

/**
 * Conv: x [N,C,L], [N,C,H,W] or [N,C,D,H,W], W [OC,C/group,...] with as many dimensions, optional B [OC]; but for volumes W and B may be
 * computed while the network runs.
 */
const conv = operator("Conv", (node, attributes) => {
  const { x, outside } = paddedInput(node);
  const w = weightsOf(node);
  checkRank(node, x, w);
  const [oc, perGroup, ...kernel] = w.shape;
  const groups = attributes.group;
  checkGroups(node, { groups, c: x.shape[1], oc, perGroup });
  checkKernel(node, attributes.kernel_shape, w);
  const sides = resolveWindow(node, {
    input: x.shape.slice(2),
    outside,
    kernel,
    strides: attributes.strides,
    dilations: attributes.dilations,
    pads: attributes.pads,
    autoPad: attributes.auto_pad,
    ceil: false,
  });
  const added = x.shape.length === 5 ? undefined : computedBias(node, oc);
  const bias = added === undefined ? biasOf(node, oc) : undefined;
  if (x.shape.length === 5) {
    if (w.kind === "tensor") return node.unsupported("computed weights of a 3-D convolution");
    emitDeepConvolution({ node, x, weights: w, bias, groups, sides });
    return;
  }
  const window = planeOf(sides);
  const plane = { ...window, pads: widened(window.pads, outside) };
  const form = w.kind === "tensor" ? dynamicConvolution : convolutionOf;
  const op = form(plane, groups, bias !== undefined);
  const weights = w.kind === "tensor" ? dynamicWeights(node, w) : asKernels(node, w);
  const inputs = [asImages(node, x).name, weights];
  if (bias !== undefined) inputs.push(node.use(bias));
  biasedEmitter(node, x, added)(op, inputs, [x.shape[0], oc, ...window.output]);
});

export const convolutionOperators = [conv] as const;
