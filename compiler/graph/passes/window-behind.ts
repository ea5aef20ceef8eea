import type { Target } from "../../machine/target.schema.ts";
import { type Extents, imageExtents, windowed } from "../extents.ts";
import type { Conv2d, Graph, GraphNode, Pool, WindowBehind } from "../graph.ts";
import { BANDS } from "../node-task/conv-algorithms.ts";
import { convForm } from "../node-task/conv-form.ts";
import { fuseIntoProducer } from "./fuse-into-producer.ts";

/** Says by what a layer is computed, where that is decided. */
export type Decided = (layer: string) => string | undefined;

/**
 * A depthwise convolution with a stride, or maxima, of a convolution's map that nothing else reads are computed with it, in bands of rows:
 * where the map would not stay in the caches of the target's core, and neither be written nor read again.
 */
export function windowsBehind(graph: Graph, target: Target, decided: Decided): Graph {
  return fuseIntoProducer(graph, (producer, node) => {
    const behind = behindOf(graph, node);
    const map = imageExtents(graph.tensors.get(producer.output)?.shape ?? []);
    if (behind === undefined || map === undefined) return undefined;
    const { op } = producer;
    if (op.kind !== "conv2d" || !canBand(graph, producer, op, target) || !staysInside(behind, map))
      return undefined;
    const wanted = decided(producer.name);
    if (wanted === undefined ? staysInCaches(map, target) : wanted !== BANDS) return undefined;
    return { ...producer, op: { ...op, behind }, inputs: [...producer.inputs, ...node.inputs.slice(1)] };
  });
}

/** What a node does as a window over its input. */
function behindOf(graph: Graph, { op, inputs }: GraphNode): WindowBehind | undefined {
  if (op.kind === "pool") return maximaBehind(op);
  if (op.kind !== "conv2d" || op.residual || op.slopes || op.globalPool || op.behind) return undefined;
  const [channels, one, ...kernel] = graph.tensors.get(inputs[1])?.shape ?? [];
  const depthwise = one === 1 && op.groups === channels && isPlain(op);
  if (!depthwise || graph.tensors.get(inputs[0])?.shape[1] !== channels) return undefined;
  const { strides, pads, bias, activation, clamp } = op;
  const window = { kernel: [kernel[0], kernel[1]] as const, strides, pads };
  return { mode: "depthwise", ...window, bias, clamp, ...(activation && { activation }) };
}

function maximaBehind(op: Pool): WindowBehind | undefined {
  const { mode, kernel, strides, pads } = op;
  return mode === "max" && isPlain(op) ? { mode, kernel, strides, pads } : undefined;
}

function isPlain({ dilations }: Pick<Conv2d | Pool, "dilations">): boolean {
  return dilations.every((d) => d === 1);
}

/** Vectors hold the map's channels, and nothing is added to it. */
function canBand({ tensors }: Graph, { inputs }: GraphNode, op: Conv2d, { isa }: Target): boolean {
  const [oc = 1, ic = 1] = tensors.get(inputs[1])?.shape ?? [];
  const form = convForm({ groups: op.groups, ic, oc: oc / op.groups }, isa.lanes);
  return !op.residual && (form === "dense" || form === "groups");
}

/** Windows overlap by as many rows as they reach above the map, and none reaches below it. */
function staysInside({ kernel, strides, pads }: WindowBehind, map: Extents): boolean {
  const { h, w } = windowed(map, { kernel, strides, pads, dilations: [1, 1] });
  return strides[0] > 1 && kernel[0] - strides[0] === pads[0] && h * strides[0] <= map.h && w > 0;
}

/** Whether the map is still there when it is read. */
function staysInCaches({ n, c, h, w }: Extents, { core }: Target): boolean {
  return n * c * h * w * 4 <= Math.max(core.l2Bytes, core.model?.caches?.l3Bytes ?? 0);
}
