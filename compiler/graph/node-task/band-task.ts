import type { Sizes } from "../../language/kernel.ts";
import { bandsFor } from "../../ops/bands/band-sizes.ts";
import type { BandSizes } from "../../ops/bands/conv2d-depthwise.kernel.ts";
import { opCall } from "../../ops/op-call.ts";
import { anyExtents, type Extents, NO_PADS, shapeOf, touchedPads } from "../extents.ts";
import type { Graph, Pads, WindowBehind } from "../graph.ts";
import { BANDS } from "./conv-algorithms.ts";
import { kernelCall, perChannel } from "./conv-task.ts";
import { arrangeBias, type KernelChannels } from "./conv-weights.ts";
import type { Convolution } from "./convolution.ts";
import { activationDims, clampDims } from "./epilogue-dims.ts";
import type { KernelNode, NodeTask, OperandLayouts } from "./node-task.ts";
import { weightBinding } from "./node-task.ts";
import { constantOf } from "./operands.ts";

/** A convolution and the window over its map as one kernel call. */
export function bandTask(
  graph: Graph,
  node: KernelNode,
  behind: WindowBehind,
  conv: Convolution,
  layouts: OperandLayouts,
): NodeTask {
  const places = anyExtents(shapeOf(graph, node.output));
  const pads = bandPads(conv, behind, places);
  const { dims, inside, weights, params } = kernelCall(conv, layouts, pads, true);
  const { RES: _, ...map } = dims;
  const sizes: BandSizes = {
    ...map,
    ...windowSizes(behind, conv.output, places),
    ...bandsFor(inside.OC, places.h, lanesOf(layouts)),
  };
  const w = weightBinding("w", [inside.G, inside.OC, inside.IC, ...conv.kernel], weights);
  const bound = params([w], pads, NO_PADS).filter(({ param }) => param !== "r");
  const call = { macs: mapMacs(conv, behind, places), algorithm: BANDS, computes: behind.name };
  if (behind.mode === "max") return { ...opCall("conv2d-max-pool", sizes), params: bound, ...call };
  const constants = weightsBehind(graph, node, behind.bias, inside, behind.kernel);
  const ends = endingBehind(behind);
  return {
    ...opCall("conv2d-depthwise", { ...sizes, ...ends }),
    params: [...bound.slice(0, -1), ...constants, ...bound.slice(-1)],
    ...call,
  };
}

function lanesOf({ output }: OperandLayouts): number {
  return output.kind === "blocked" ? output.lanes : 1;
}

/** What the convolution sees beyond its input, with what rows of the map are made of that windows reach below it. */
function bandPads(conv: Convolution, behind: WindowBehind, places: Extents): Pads {
  const [top, left, bottom, right] = touchedPads(conv, conv.input, conv.output);
  const rows = (places.h - 1) * behind.strides[0] + behind.kernel[0] - behind.pads[0];
  const seen = (rows - 1) * conv.strides[0] + (conv.kernel[0] - 1) * conv.dilations[0] + 1;
  return [top, left, Math.max(bottom, seen - conv.input.h - top), right];
}

/** Multiply-accumulates of the channels there are. */
function mapMacs(
  { input, output, kernel, groups }: Convolution,
  behind: WindowBehind,
  places: Extents,
): number {
  const rows = Math.min(output.h, (places.h - 1) * behind.strides[0] + behind.kernel[0] - behind.pads[0]);
  const map = output.n * output.c * rows * output.w * (input.c / groups) * kernel[0] * kernel[1];
  const window = places.n * places.c * places.h * places.w * behind.kernel[0] * behind.kernel[1];
  return behind.mode === "max" ? map : map + window;
}

function windowSizes(
  { kernel: [VH, VW], strides: [VSH, VSW], pads: [UP, LEFT] }: WindowBehind,
  map: Extents,
  places: Extents,
): Sizes<"PH PW VH VW VSH VSW MW LEFT UP"> {
  const MW = Math.max(LEFT + map.w, (places.w - 1) * VSW + VW);
  return { PH: places.h, PW: places.w, VH, VW, VSH, VSW, MW, LEFT, UP };
}

/** The window's weights and bias, which are the node's last operands. */
function weightsBehind(
  graph: Graph,
  node: KernelNode,
  biased: boolean,
  inside: KernelChannels,
  [VH, VW]: readonly [number, number],
) {
  const at = node.inputs.length - (biased ? 2 : 1);
  const shape = [inside.G, inside.OC, VH, VW];
  const v = weightBinding("v", shape, () => arrangeBias(constantOf(graph, node, at), inside, VH * VW));
  return [v, perChannel("c", biased ? constantOf(graph, node, at + 1) : undefined, inside)];
}

function endingBehind({ bias, activation, clamp }: Extract<WindowBehind, { mode: "depthwise" }>) {
  const { LO: VLO, HI: VHI } = clampDims(clamp);
  const {
    ACT: VACT,
    ALPHA: VALPHA,
    BETA: VBETA,
  } = activation ? activationDims(activation) : { ACT: 0, ALPHA: 0, BETA: 0 };
  return { VLO, VHI, VBIAS: bias ? 1 : 0, VACT, VALPHA, VBETA };
}
