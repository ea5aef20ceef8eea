// Convolutions that differ in kind, width and size of map, and in what their estimates depend on. Widths are those of networks;
// maps of large layers are lower, so that a run of the model takes seconds.

/** Bias, and a clamp from below: what most layers have. */
const COMMON = { N: 1, BIAS: 1, LO: 0 };

function convolution(name, kernel, { ic, oc, groups = 1, width, height = width, stride = 1 }) {
  const sizes = { G: groups, IC: ic / groups, OC: oc / groups, OH: height, OW: width };
  return { name, dims: { ...COMMON, ...sizes, KH: kernel, KW: kernel, SH: stride, SW: stride } };
}

function pointwise(ic, oc, width, rest = {}) {
  const { groups = 1, stride = 1 } = rest;
  const kind = `${groups > 1 ? ` g${groups}` : ""}${stride > 1 ? ` s${stride}` : ""}`;
  return convolution(`1x1 ${ic}-${oc}@${width}${kind}`, 1, { ic, oc, width, ...rest });
}

function direct(kernel, ic, oc, width, rest = {}) {
  const { groups = 1, stride = 1 } = rest;
  const kind = `${groups > 1 ? ` g${groups}` : ""}${stride > 1 ? ` s${stride}` : ""}`;
  return convolution(`${kernel}x${kernel} ${ic}-${oc}@${width}${kind}`, kernel, { ic, oc, width, ...rest });
}

function depthwise(kernel, channels, width, rest = {}) {
  const name = `dw ${kernel}x${kernel} ${channels}@${width}${rest.stride > 1 ? ` s${rest.stride}` : ""}`;
  return convolution(name, kernel, { ic: channels, oc: channels, groups: channels, width, ...rest });
}

/** Those that Winograd's algorithm computes. */
function winograd(channels, width, rest = {}) {
  return convolution(`winograd ${channels}-${channels}@${width}`, 3, {
    ...{ ic: channels, oc: channels, width },
    ...rest,
  });
}

export const ESTIMATE_LAYERS = [
  pointwise(32, 64, 112, { height: 56 }),
  pointwise(64, 128, 56, { height: 28 }),
  pointwise(144, 24, 56),
  pointwise(24, 144, 56),
  pointwise(256, 256, 28, { height: 14 }),
  pointwise(480, 16, 14),
  pointwise(96, 576, 14),
  pointwise(512, 512, 14, { height: 8 }),
  pointwise(1024, 1024, 7, { height: 4 }),
  pointwise(64, 128, 28, { stride: 2 }),
  pointwise(256, 512, 14, { stride: 2, height: 8 }),
  pointwise(60, 240, 28, { groups: 3 }),
  pointwise(480, 120, 14, { groups: 3 }),
  direct(3, 32, 64, 56, { stride: 2, height: 14 }),
  direct(3, 128, 128, 14, { stride: 2, height: 4 }),
  direct(5, 16, 32, 28, { height: 14 }),
  direct(3, 128, 128, 28, { groups: 32 }),
  direct(3, 3, 32, 112, { stride: 2, height: 56 }),
  direct(7, 3, 64, 112, { stride: 2, height: 8 }),
  depthwise(3, 64, 56),
  depthwise(3, 512, 14),
  depthwise(3, 128, 28, { stride: 2 }),
  depthwise(5, 240, 14),
  winograd(64, 56, { height: 24 }),
  winograd(128, 28, { height: 12 }),
  winograd(256, 14),
];
