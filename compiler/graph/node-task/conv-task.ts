import type { Dims } from "../../language/kernel.ts";
import { type WinogradPlan, winogradPlans } from "../../ops/winograd-blocks.ts";
import { invariant } from "../../support/assert.ts";
import { type Extents, NO_PADS, touchedPads } from "../extents.ts";
import type { Activation, Clamp, Pads } from "../graph.ts";
import { channelPositions, type Layout, roundUp, sameLayout } from "../layout.ts";
import type { View } from "../view.ts";
import { type ConvChannels, type ConvForm, convForm } from "./conv-form.ts";
import { arrangeBias, arrangeWeights, type KernelChannels } from "./conv-weights.ts";
import { type NodeTask, type ParamBinding, storeDims, weightBinding } from "./node-task.ts";
import { winogradWeights } from "./winograd-weights.ts";

/** A convolution with its sizes: what conv2d, dense and batch-norm nodes all come to. */
export interface Convolution {
  readonly input: Extents;
  readonly output: Extents;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: Pads;
  readonly groups: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array | undefined;
  /** Each channel's slope below zero, of a leaky ReLU. */
  readonly slopes: Float32Array | undefined;
  /** Operand number of the residual, and where it is added: BEFORE or AFTER (ops/activate.kernel.ts). */
  readonly residual: { readonly operand: number; readonly place: number } | undefined;
  readonly activation: Activation | undefined;
  readonly clamp: Clamp;
  /** What is written is the mean over each channel's map; `output` is the map. */
  readonly pooled: boolean;
}

/**
 * The kernel call of a convolution. `room` is how far below and to the right of the output may be written:
 * where it is enough, and pays, the call is a Winograd convolution, whose tiles may hang over.
 */
export function convTask(
  conv: Convolution,
  x: Layout,
  y: Layout,
  r: Layout | undefined,
  room: Room | undefined,
): NodeTask {
  const { input, output, kernel, strides, dilations, groups, bias, slopes, residual } = conv;
  const channels: ConvChannels = { groups, ic: input.c / groups, oc: output.c / groups };
  const form = formFor(channels, x, y);
  invariant(r === undefined || sameLayout(r, y), "a residual lies as the output does");
  const pads = touchedPads(conv, input, output);
  const exact = form === "dense" && isShortNatural(x, input.c);
  const inside = kernelChannels(form, channels, x, y, exact);
  const ending = { ...storeDims(conv.activation, conv.clamp), ...(slopes && { SLOPES: 1 }) };
  const dims = {
    N: input.n,
    G: inside.G,
    OC: inside.OC,
    IC: inside.IC,
    OH: output.h,
    OW: output.w,
    KH: kernel[0],
    KW: kernel[1],
    SH: strides[0],
    SW: strides[1],
    DH: dilations[0],
    DW: dilations[1],
    BIAS: bias === undefined ? 0 : 1,
    RES: residual?.place ?? 0,
    ...ending,
    IH: input.h + pads[0] + pads[2],
    IW: input.w + pads[1] + pads[3],
  };
  const view = (p: Pads, exactChannels: boolean): View =>
    form === "dense"
      ? { form, exact: exactChannels, pads: p }
      : form === "lanes"
        ? { form, pads: p }
        : { form, groups, pads: p };
  const weights = (): Float32Array => arrangeWeights(conv.weights, channels, inside);
  const tiled = y.kind === "blocked" && !conv.pooled ? winogradFor(dims, y.lanes, output, room) : undefined;
  const yView = view(tiled ? [0, 0, ...tiled.over] : NO_PADS, false);
  const xPads: Pads = tiled ? [pads[0], pads[1], pads[2] + tiled.over[0], pads[3] + tiled.over[1]] : pads;
  const w = tiled
    ? weightBinding("u", transformedShape(tiled.winograd, inside), () =>
        winogradWeights(weights(), inside, tiled.winograd.tile),
      )
    : weightBinding("w", [inside.G, inside.OC, inside.IC, ...kernel], weights);
  const params: ParamBinding[] = [
    { kind: "activation", param: "x", operand: 0, view: view(xPads, exact), padValue: 0 },
    w,
    perChannel("b", bias, inside),
    perChannel("a", slopes, inside),
    residual === undefined
      ? { kind: "unused", param: "r" }
      : { kind: "activation", param: "r", operand: residual.operand, view: yView, padValue: 0 },
    { kind: "activation", param: "y", operand: "output", view: yView, padValue: 0 },
  ];
  const macs = output.n * output.c * output.h * output.w * channels.ic * kernel[0] * kernel[1];
  if (tiled === undefined) return { op: conv.pooled ? "conv2d-global-pool" : "conv2d", dims, params, macs };
  const { N, G, OC, IC, BIAS, RES } = dims;
  const tiles = { ...tiled.blocks, OH: output.h + tiled.over[0], OW: output.w + tiled.over[1] };
  const extents = { IH: input.h + xPads[0] + xPads[2], IW: input.w + xPads[1] + xPads[3] };
  const wanted = { ROWS: output.h, COLUMNS: output.w };
  return {
    op: tiled.winograd.op,
    dims: { N, G, OC, IC, ...tiles, ...extents, ...wanted, BIAS, RES, ...ending },
    params,
    macs,
  };
}

/** A value for each output channel, if there are any. */
function perChannel(param: string, data: Float32Array | undefined, inside: KernelChannels): ParamBinding {
  if (data === undefined) return { kind: "unused", param };
  return weightBinding(param, [inside.G, inside.OC], () => arrangeBias(data, inside));
}

/** What a convolution may use beyond its output, and what for. */
export interface Room {
  /** Rows below and columns to the right of the output that may be written to. */
  readonly rows: number;
  readonly columns: number;
  /** Vector registers for a tile. */
  readonly registers: number;
}

/** The cheapest Winograd convolution whose last tiles reach no farther over the output than there is room. */
function winogradFor(
  dims: Dims,
  lanes: number,
  output: Extents,
  room: Room | undefined,
): (WinogradPlan & { readonly over: readonly [number, number] }) | undefined {
  if (room === undefined) return undefined;
  return winogradPlans(dims, lanes, room.registers)
    .map((plan) => ({ ...plan, over: overhang(plan, output) }))
    .find(({ over: [rows, columns] }) => rows <= room.rows && columns <= room.columns);
}

function overhang({ winograd, blocks }: WinogradPlan, output: Extents): readonly [number, number] {
  const { RB, TR, CB, TC } = blocks;
  return [winograd.tile * RB * TR - output.h, winograd.tile * CB * TC - output.w];
}

/** Shape of a kernel's transformed weights. */
function transformedShape(
  { op }: WinogradPlan["winograd"],
  { G, OC, IC }: KernelChannels,
): readonly number[] {
  return op === "winograd4" ? [G, 36, OC, IC] : [G, 8, 8, OC, IC];
}

/** Rows and columns that a kernel call writes beyond its output. */
export function roomUsed(task: NodeTask): readonly [number, number] {
  const y = task.params.find((param) => param.kind === "activation" && param.operand === "output");
  return y?.kind === "activation" ? [y.view.pads[2], y.view.pads[3]] : [0, 0];
}

/** Planar tensors are the reference's: groups as they are, nothing rounded up. */
function formFor(channels: ConvChannels, x: Layout, y: Layout): ConvForm {
  if (y.kind === "planar") {
    invariant(x.kind === "planar", "input and output of a convolution are both planar or both blocked");
    return "groups";
  }
  const form = convForm(channels, y.lanes);
  invariant(form !== "lanes" || sameLayout(x, y), "a depthwise convolution keeps the order of channels");
  return form;
}

/** Fewer channels than lanes: looping over the padding too would be mostly waste. */
export function isShortNatural(layout: Layout, channels: number): boolean {
  return layout.kind === "blocked" && layout.order.kind === "natural" && channels < layout.lanes;
}

function kernelChannels(
  form: ConvForm,
  { groups, ic, oc }: ConvChannels,
  x: Layout,
  y: Layout,
  exact: boolean,
): KernelChannels {
  const xs = channelPositions(x, groups * ic);
  const ys = channelPositions(y, groups * oc);
  switch (form) {
    case "dense":
      return {
        G: 1,
        OC: ys.length,
        IC: exact ? groups * ic : xs.length,
        outChannel: (_, p) => ys[p],
        inChannel: (_, p) => xs[p],
      };
    case "lanes":
      return { G: ys.length, OC: 1, IC: 1, outChannel: (p) => ys[p], inChannel: (p) => xs[p] };
    case "groups": {
      const lanes = y.kind === "blocked" ? y.lanes : 1;
      return {
        G: groups,
        OC: roundUp(oc, lanes),
        IC: roundUp(ic, lanes),
        outChannel: (g, o) => (o < oc ? g * oc + o : -1),
        inChannel: (g, i) => (i < ic ? g * ic + i : -1),
      };
    }
    case "interleaved": {
      const G = y.kind === "blocked" ? roundUp(groups, y.lanes) : groups;
      return {
        G,
        OC: oc,
        IC: ic,
        outChannel: (g, o) => (g < groups ? g * oc + o : -1),
        inChannel: (g, i) => (g < groups ? g * ic + i : -1),
      };
    }
  }
}
