// Layers that searches are compared on: kinds of convolutions that networks have, on maps small enough for a run of a model to
// take a second.

/** Bias, and a clamp from below: what most layers have. */
const COMMON = { N: 1, BIAS: 1, LO: 0 };

function convolution(name, size, { ic, oc, groups = 1, width, height = width, stride = 1 }) {
  const sizes = { G: groups, IC: ic / groups, OC: oc / groups, OH: height, OW: width };
  return { name, dims: { ...COMMON, ...sizes, KH: size, KW: size, SH: stride, SW: stride } };
}

export const TUNER_LAYERS = [
  convolution("grouped-3x3-4-channels", 3, { ic: 32, oc: 32, groups: 8, width: 14, height: 10 }),
  convolution("depthwise-3x3", 3, { ic: 64, oc: 64, groups: 64, width: 14 }),
  convolution("pointwise", 1, { ic: 32, oc: 64, width: 14, height: 10 }),
  convolution("depthwise-3x3-stride-2", 3, { ic: 64, oc: 64, groups: 64, width: 14, stride: 2 }),
  convolution("depthwise-5x5", 5, { ic: 32, oc: 32, groups: 32, width: 14, height: 10 }),
  convolution("dense-3x3", 3, { ic: 16, oc: 32, width: 14, height: 7 }),
  convolution("grouped-3x3-2-channels", 3, { ic: 32, oc: 32, groups: 16, width: 14 }),
  convolution("grouped-3x3-8-channels", 3, { ic: 64, oc: 64, groups: 8, width: 7 }),
  convolution("pointwise-narrow", 1, { ic: 64, oc: 24, width: 7 }),
  convolution("grouped-pointwise", 1, { ic: 48, oc: 96, groups: 3, width: 14, height: 7 }),
  convolution("first-3x3-stride-2", 3, { ic: 3, oc: 16, width: 28, height: 8, stride: 2 }),
  convolution("grouped-3x3-16-channels-stride-2", 3, { ic: 32, oc: 32, groups: 2, width: 7, stride: 2 }),
];
