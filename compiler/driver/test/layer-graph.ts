import { type Conv2d, type Graph, NO_CLAMP, type Tensor } from "../../graph/graph.ts";
import { makeRng } from "../../support/rng.ts";
import type { LayerSizes } from "./suite.schema.ts";

/** What results call a layer that has no name of its own. */
export function layerName(l: LayerSizes): string {
  const groups = l.groups === 1 ? "" : `_g${l.groups}`;
  return l.name ?? `conv${l.kh}x${l.kw}_${l.ic}_${l.oc}_${l.ih}x${l.iw}${groups}`;
}

/**
 * One convolution as a network: `x` [N,IC,IH,IW] in, `y` [N,OC,OH,OW] out; with a residual `r` of y's shape. Weights and bias are
 * seeded, of about the deviation that keeps results near 1.
 */
export function layerGraph(sizes: LayerSizes, seed: number): Graph {
  const { n, ic, oc, ih, iw, kh, kw, groups, pad } = sizes;
  const [strides, dilations] = [both(sizes.stride), both(sizes.dilation)];
  const rng = makeRng(seed);
  const fanIn = (ic / groups) * kh * kw;
  const drawn = (count: number, scale: number): Float32Array =>
    Float32Array.from({ length: count }, () => rng.normal() * scale);
  const y = outputShape(sizes);
  const tensors: Tensor[] = [
    { name: "x", shape: [n, ic, ih, iw] },
    { name: "w", shape: [oc, ic / groups, kh, kw], data: drawn(oc * fanIn, 1 / Math.sqrt(fanIn)) },
    ...(sizes.bias ? [{ name: "b", shape: [oc], data: drawn(oc, 1) }] : []),
    ...(sizes.residual ? [{ name: "r", shape: y }] : []),
    { name: "y", shape: y },
  ];
  const op: Conv2d = {
    kind: "conv2d",
    strides,
    pads: [pad, pad, pad, pad],
    dilations,
    groups,
    bias: sizes.bias,
    residual: sizes.residual ? "before" : false,
    ...activationOf(sizes.activation),
  };
  const inputs = tensors.flatMap(({ name }) => (name === "y" ? [] : [name]));
  return {
    name: layerName(sizes),
    inputs: inputs.filter((name) => name === "x" || name === "r"),
    outputs: ["y"],
    nodes: [{ name: "conv", op, inputs, output: "y" }],
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
  };
}

/** Numbers of all tensors together, 512 MB of them, and multiply-adds, which the reference does in some minutes. */
const MOST_NUMBERS = 2 ** 27;
const MOST_MACS = 2 ** 34;

/** Why there is no such layer, or undefined. */
export function impossible(l: LayerSizes): string | undefined {
  const { ic, oc, ih, iw, kh, kw, groups, pad } = l;
  if (ic % groups !== 0) return `${ic} input channels are not shared out evenly among ${groups} groups`;
  if (oc % groups !== 0) return `${oc} output channels are not shared out evenly among ${groups} groups`;
  const [down, right] = both(l.dilation);
  const spans = (kernel: number, by: number): number => by * (kernel - 1) + 1;
  if (ih + 2 * pad < spans(kh, down))
    return `a kernel that spans ${spans(kh, down)} rows does not fit into ${ih + 2 * pad}`;
  if (iw + 2 * pad < spans(kw, right))
    return `a kernel that spans ${spans(kw, right)} columns does not fit into ${iw + 2 * pad}`;
  const [n, , oh, ow] = outputShape(l);
  if (l.oh !== undefined && l.oh !== oh) return `its output has ${oh} rows, not ${l.oh}`;
  if (l.ow !== undefined && l.ow !== ow) return `its output has ${ow} columns, not ${l.ow}`;
  const numbers = n * ic * ih * iw + oc * (ic / groups) * kh * kw + n * oc * oh * ow;
  if (numbers > MOST_NUMBERS) return `its tensors have ${numbers} numbers, the limit is ${MOST_NUMBERS}`;
  const macs = n * oc * oh * ow * (ic / groups) * kh * kw;
  if (macs > MOST_MACS) return `it takes ${macs} multiply-adds, the limit is ${MOST_MACS}`;
  return undefined;
}

/** [N,OC,OH,OW] (ONNX Conv, floor). */
function outputShape({
  n,
  oc,
  ih,
  iw,
  kh,
  kw,
  pad,
  ...l
}: LayerSizes): readonly [number, number, number, number] {
  const [strides, dilations] = [both(l.stride), both(l.dilation)];
  const out = (size: number, kernel: number, axis: 0 | 1): number =>
    Math.floor((size + 2 * pad - dilations[axis] * (kernel - 1) - 1) / strides[axis]) + 1;
  return [n, oc, out(ih, kh, 0), out(iw, kw, 1)];
}

function activationOf(name: LayerSizes["activation"]): Pick<Conv2d, "activation" | "clamp"> {
  if (name === "none") return { clamp: NO_CLAMP };
  if (name === "relu") return { clamp: { lo: 0, hi: Number.POSITIVE_INFINITY } };
  // elu, leaky ReLU and their kin with the parameters they usually have
  const [alpha, beta] = USUAL[name] ?? [1, 0];
  return { activation: { fn: name, alpha, beta }, clamp: NO_CLAMP };
}

const USUAL: Readonly<Record<string, readonly [number, number]>> = {
  "leaky-relu": [0.01, 0],
  selu: [1.67326, 1.0507],
  "hard-sigmoid": [1 / 6, 0.5],
  "hard-swish": [1 / 6, 0.5],
};

function both(sides: LayerSizes["stride"]): readonly [number, number] {
  return typeof sides === "number" ? [sides, sides] : sides;
}
