/**
 * One convolution as a network: its input comes as a tensor of the network (behind an input copy), its output
 * goes to the caller. `layer` is an entry of test/bench/workloads.json.
 */
export function layerGraph(layer, rng) {
  const { name, n, ic, oc, groups, ih, iw, kh, kw, stride, pad, dilation, oh, ow } = layer;
  const weights = Float32Array.from({ length: oc * (ic / groups) * kh * kw }, () => rng.next() - 0.5);
  const tensors = new Map([
    ["x", { name: "x", shape: [n, ic, ih, iw] }],
    ["w", { name: "w", shape: [oc, ic / groups, kh, kw], data: weights }],
    ["y", { name: "y", shape: [n, oc, oh, ow] }],
  ]);
  const op = {
    kind: "conv2d",
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    dilations: [dilation, dilation],
    groups,
    bias: false,
    residual: false,
    clamp: { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY },
  };
  return {
    name,
    inputs: ["x"],
    outputs: ["y"],
    nodes: [{ name, op, inputs: ["x", "w"], output: "y" }],
    tensors,
  };
}
