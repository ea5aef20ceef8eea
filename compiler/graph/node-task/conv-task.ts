import type { Sizes } from "../../language/kernel.ts";
import type { ConvDims, ConvPlan } from "../../ops/conv2d/algorithm.ts";
import type { ConvSizes } from "../../ops/conv2d/conv2d.kernel.ts";
import { opCall } from "../../ops/op-call.ts";
import { divisors } from "../../schedule/choose.ts";
import { assertNever, invariant } from "../../support/assert.ts";
import { NO_PADS, touchedPads } from "../extents.ts";
import type { Pads } from "../graph.ts";
import { channelPositions, inNumbers, inOrder, type Layout, sameLayout } from "../layout.ts";
import type { PixelMap, View } from "../view.ts";
import { algorithmFor, DIRECT, partCall, type Room } from "./conv-algorithms.ts";
import { type ConvChannels, type ConvForm, convForm, kernelGroups } from "./conv-form.ts";
import { arrangeBias, arrangeWeights, type KernelChannels } from "./conv-weights.ts";
import { type Convolution, constantWeights } from "./convolution.ts";
import { countedDims, scaledDims } from "./epilogue-dims.ts";
import { int8Dims, mostSteps } from "./int8-dims.ts";
import { type NodeTask, type OperandLayouts, type ParamBinding, weightBinding } from "./node-task.ts";
import { activation } from "./operands.ts";
import { type TapRegion, tapRegions } from "./tap-regions.ts";

/**
 * The kernel calls of a convolution. `room` is how far below and to the right of the output may be written:
 * where it is enough, and pays, they are those of another algorithm than plain sums, which may hang over (conv-algorithms.ts). Who
 * gives a plan has them so.
 */
export function convTasks(
  conv: Convolution,
  layouts: OperandLayouts,
  r: Layout | undefined,
  room: Room | ConvPlan | undefined,
): readonly NodeTask[] {
  const y = layouts.output;
  invariant(r === undefined || sameLayout(r, inNumbers(y, r)), "a residual lies as the output does");
  const pads = touchedPads(conv, conv.input, conv.output);
  const call = kernelCall(conv, layouts, pads, false);
  const { dims, inside, weights } = call;
  const { output, kernel, groups, input } = conv;
  const rowMacs = output.n * output.c * output.w * (input.c / groups) * kernel[0] * kernel[1];
  if (typeof conv.weights !== "function") return [directTask({ conv, xPads: pads, yPads: NO_PADS }, layouts)];
  const { ending, bias, scaled } = endingOf(conv, y);
  const asked = { ...kernelCall(conv, layouts, pads).dims, HELD: dims.IC, ...scaled };
  const plan = planFor(conv, asked, layouts, room);
  if (plan === undefined) {
    // planar tensors are the reference's: as a whole
    const regions = y.kind === "blocked" ? tapRegions(conv) : undefined;
    return (
      regions?.map((region) => directTask(region, layouts)) ?? [
        directTask({ conv, xPads: pads, yPads: NO_PADS }, layouts),
      ]
    );
  }
  return plan.parts.map((part): NodeTask => {
    const { takesBias = false, counts } = part;
    const { sizes, xPads, yPads, ...of } = partCall(part, dims, pads, inside, weights, conv.bias);
    const epilogue = { ...ending, ...(takesBias && { BIAS: 0 }) };
    return {
      op: part.op,
      dims: part.sizes({ ...sizes, ...epilogue }),
      params: call.params(of.weights, xPads, yPads, { bias: takesBias ? undefined : bias }),
      macs: rowMacs * part.rows,
      algorithm: plan.algorithm,
      counts: counts && "all",
    };
  });
}

/**
 * What becomes of sums that are stored as `y` says, and the bias that is added to them: sums of steps are made numbers of steps of the output at
 * once where that spares a product, `scaled`.
 */
function endingOf(conv: Convolution, y: Layout) {
  const { epilogue, bias } = conv;
  const ending = countedDims(epilogue, y);
  const most = y.quantized && mostSteps(conv, y.quantized.scale);
  const scaled = most === undefined ? undefined : scaledDims(ending, most);
  if (y.quantized === undefined || scaled === undefined) return { ending, bias };
  const by = Math.fround(1 / y.quantized.scale);
  return { ending: scaled, bias: bias?.map((b) => b * by), scaled: { INTO: by } };
}

/** The operand that computed weights are. */
const WEIGHTS = 1;

/** The convolution, or a part of it, as plain sums. */
function directTask({ conv, xPads, yPads }: TapRegion, layouts: OperandLayouts): NodeTask {
  const { dims, inside, weights, params } = kernelCall(conv, layouts, xPads);
  const { kernel, groups, input, output, pooled } = conv;
  const shape = [inside.G, inside.OC, inside.IC, ...kernel];
  const macs = output.n * output.c * output.h * output.w * (input.c / groups) * kernel[0] * kernel[1];
  if (typeof conv.weights !== "function") {
    const { block, algorithm } = conv.weights;
    const w = activation("w", WEIGHTS, { form: "weights", shape, block, pads: NO_PADS });
    return { ...opCall("dynamic-conv2d", dims), params: params([w], xPads, yPads), macs, algorithm };
  }
  const call = { params: params([weightBinding("w", shape, weights)], xPads, yPads), macs };
  return pooled
    ? { ...opCall("conv2d-global-pool", dims), ...call }
    : { ...opCall("conv2d", dims), ...call, algorithm: DIRECT, counts: "written" };
}

/** What a convolution is to a kernel when its activations lie as `x` and `y` say. */
export interface KernelCall {
  /** Of the direct convolution. */
  readonly dims: ConvSizes;
  readonly inside: KernelChannels;
  /** In the kernel's order of channels. */
  readonly weights: () => Float32Array;
  /** With what is made of the weights, and maybe of the bias, of what is seen of input and output. */
  readonly params: (
    w: readonly ParamBinding[],
    xPads: Pads,
    yPads: Pads,
    of?: Pick<Convolution, "bias">,
  ) => readonly ParamBinding[];
}

/** @param mayBeExact whether it may leave out input channels that only fill vectors */
export function kernelCall(
  conv: Convolution,
  { inputs: [x], output: y, bordered = false }: OperandLayouts,
  pads: Pads,
  mayBeExact = true,
): KernelCall {
  const { input, output, groups, slopes, residual, epilogue } = conv;
  const channels: ConvChannels = { groups, ic: input.c / groups, oc: output.c / groups };
  const form = formFor(channels, x, y);
  const exact = mayBeExact && form === "dense" && isShortNatural(x, input.c);
  const inside = kernelChannels(form, channels, x, y, exact);
  const blocked = x.kind === "blocked" && y.kind === "blocked";
  const map = form === "dense" && blocked && !bordered ? rowsOf(conv) : undefined;
  const view = (p: Pads, exactly: boolean): View => viewOf(form, groups, exactly, map, p);
  const seen = (param: string, operand: number | "output", of: View): ParamBinding => ({
    kind: "activation",
    ...{ param, operand, view: of, padValue: 0 },
  });
  return {
    dims: { ...convDims(conv, inside, map), ...countedDims(epilogue, y), ...inputDims(conv, pads, map) },
    inside,
    weights: () => arrangeWeights(constantWeights(conv), channels, inside),
    params: (w, xPads, yPads, of = conv) => [
      seen("x", 0, view(xPads, exact)),
      ...w,
      perChannel("b", of.bias, inside),
      perChannel("a", slopes, inside),
      residual === undefined ? { kind: "unused", param: "r" } : seen("r", residual, view(yPads, false)),
      seen("y", "output", view(yPads, false)),
    ],
  };
}

function viewOf(form: ConvForm, groups: number, exact: boolean, map: PixelMap | undefined, pads: Pads): View {
  if (map !== undefined) return { form: "rows", exact, map, pads };
  switch (form) {
    case "dense":
      return { form, exact, pads };
    case "lanes":
      return { form, pads };
    case "groups":
    case "interleaved":
      return { form, groups, pads };
    default:
      return assertNever(form);
  }
}

function convDims(
  { input, output, kernel, strides, dilations }: Convolution,
  { G, OC, IC }: KernelChannels,
  map: PixelMap | undefined,
): ConvDims {
  const [OH, OW] = map ?? [output.h, output.w];
  // From pixel to pixel of one image's map; rows that are images are all computed.
  const [SH, SW] = map === undefined ? strides : [1, 1];
  const [[KH, KW], [DH, DW]] = [kernel, dilations];
  return { N: map === undefined ? input.n : 1, G, OC, IC, OH, OW, KH, KW, SH, SW, DH, DW };
}

function inputDims({ input }: Convolution, pads: Pads, map: PixelMap | undefined): Sizes<"IH IW"> {
  const [IH, IW] = map ?? [input.h + pads[0] + pads[2], input.w + pads[1] + pads[3]];
  return { IH, IW };
}

/** Wider than any register tile. */
const MOST_COLUMNS = 28;
/** Fewer would make poor tiles. */
const LEAST_COLUMNS = 8;

/**
 * A product of matrices: each of its rows is an image of one pixel. As pixels of one image they share tiles; its rows are
 * what threads share.
 */
function rowsOf({ input: { n, h, w }, kernel, pads, pooled }: Convolution): PixelMap | undefined {
  if (n === 1 || h * w * kernel[0] * kernel[1] !== 1 || pads.some((pad) => pad !== 0) || pooled)
    return undefined;
  const columns = Math.max(...divisors(n).filter((divisor) => divisor <= MOST_COLUMNS));
  return columns < LEAST_COLUMNS ? [1, n] : [n / columns, columns];
}

function planFor(
  conv: Convolution,
  dims: ConvDims,
  { inputs: [x], output: y }: OperandLayouts,
  room: Room | ConvPlan | undefined,
): ConvPlan | undefined {
  if (room !== undefined && "parts" in room) return room;
  if (y.kind !== "blocked" || conv.pooled) return undefined;
  const steps = room?.int8 && { ...int8Dims(conv), ...(x.quantized && { COUNTED: 1 }) };
  return algorithmFor({ ...dims, ...steps }, y.lanes, room);
}

/** A value for each output channel, if there are any. */
export function perChannel(
  param: string,
  data: Float32Array | undefined,
  inside: KernelChannels,
): ParamBinding {
  if (data === undefined) return { kind: "unused", param };
  return weightBinding(param, [inside.G, inside.OC], () => arrangeBias(data, inside));
}

/** Planar tensors are the reference's: groups as they are, nothing rounded up. */
function formFor(channels: ConvChannels, x: Layout, y: Layout): ConvForm {
  if (y.kind === "planar") {
    invariant(x.kind === "planar", "input and output of a convolution are both planar or both blocked");
    return "groups";
  }
  const form = convForm(channels, y.lanes);
  invariant(
    form !== "lanes" || sameLayout(inNumbers(x, y), y),
    "a depthwise convolution keeps the order of channels",
  );
  return form;
}

/** Fewer channels than lanes: looping over the padding too would be mostly waste. */
function isShortNatural(layout: Layout, channels: number): boolean {
  return layout.kind === "blocked" && inOrder(layout) && channels < layout.lanes;
}

/** What a kernel's indices stand for: positions of its activations, group after group, or the groups side by side. */
function kernelChannels(
  form: ConvForm,
  channels: ConvChannels,
  x: Layout,
  y: Layout,
  exact: boolean,
): KernelChannels {
  const xs = channelPositions(x, channels.groups * channels.ic);
  const ys = channelPositions(y, channels.groups * channels.oc);
  const G = kernelGroups(form, channels, ys.length);
  const OC = ys.length / G;
  const IC = exact ? channels.ic : xs.length / G;
  const position = (g: number, i: number, size: number): number =>
    form === "interleaved" ? i * G + g : g * size + i;
  return {
    ...{ G, OC, IC },
    outChannel: (g, o) => ys[position(g, o, OC)],
    inChannel: (g, i) => xs[position(g, i, IC)],
  };
}
