import type { Target } from "../../machine/target.schema.ts";
import { bandsFor } from "../../ops/bands/band-sizes.ts";
import { roundUp } from "../channel-order.ts";
import { anyExtents, type Extents } from "../extents.ts";
import type { Conv2d, Graph, GraphNode, Pool, WindowBehind } from "../graph.ts";
import { BANDS } from "../node-task/conv-algorithms.ts";
import { convForm } from "../node-task/conv-form.ts";
import { fuseIntoProducer } from "./fuse-into-producer.ts";

/** What is known of layers otherwise. */
export interface BandWishes {
  /** By what a layer is computed, where that is decided. */
  readonly decided?: ((layer: string) => string | undefined) | undefined;
  /** Whether a convolution alone would be computed by an algorithm that does less. */
  readonly doesLess?: (graph: Graph, node: GraphNode) => boolean;
}

/**
 * A depthwise convolution with a stride, or maxima, of a convolution's map that nothing else reads are computed with it, in bands of rows,
 * where that is estimated to wait less for memory: the map is neither written nor read again.
 */
export function windowsBehind(
  graph: Graph,
  target: Target,
  { decided = () => undefined, doesLess = () => false }: BandWishes = {},
): Graph {
  return fuseIntoProducer(graph, (producer, node) => {
    const behind = behindOf(graph, node);
    const { op } = producer;
    const [x, map, places] = [producer.inputs[0], producer.output, node.output].map((tensor) =>
      anyExtents(graph.tensors.get(tensor)?.shape ?? []),
    );
    if (behind === undefined || op.kind !== "conv2d" || !canBand(x, map, op, target)) return undefined;
    if (!canReach(behind, map, places)) return undefined;
    const wanted = decided(producer.name);
    const small = isSmall(behind, map, places) && bandsPay(x, map, isPoint(graph, producer), target);
    const pays = small && !doesLess(graph, producer);
    if (wanted === undefined ? !pays : wanted !== BANDS) return undefined;
    return { ...producer, op: { ...op, behind }, inputs: [...producer.inputs, ...node.inputs.slice(1)] };
  });
}

/** What a node does as a window over its input. */
function behindOf(graph: Graph, { name, op, inputs }: GraphNode): WindowBehind | undefined {
  if (op.kind === "pool") return maximaBehind(name, op);
  if (op.kind !== "conv2d" || op.residual || op.slopes || op.globalPool || op.behind) return undefined;
  const [channels, one, ...kernel] = graph.tensors.get(inputs[1])?.shape ?? [];
  const depthwise = one === 1 && op.groups === channels && isPlain(op);
  if (!depthwise || graph.tensors.get(inputs[0])?.shape[1] !== channels) return undefined;
  const { strides, pads, bias, activation, clamp } = op;
  const window = { name, kernel: [kernel[0], kernel[1]] as const, strides, pads };
  return { mode: "depthwise", ...window, bias, clamp, ...(activation && { activation }) };
}

function maximaBehind(name: string, op: Pool): WindowBehind | undefined {
  const { mode, kernel, strides, pads } = op;
  return mode === "max" && isPlain(op) ? { name, mode, kernel, strides, pads } : undefined;
}

function isPlain({ dilations }: Pick<Conv2d | Pool, "dilations">): boolean {
  return dilations.every((d) => d === 1);
}

/** Vectors hold the map's channels, it has rows, and nothing is added to it. */
function canBand(x: Extents, map: Extents, { groups, residual }: Conv2d, { isa }: Target): boolean {
  const form = convForm({ groups, ic: x.c / groups, oc: map.c / groups }, isa.lanes);
  return map.h * map.w > 1 && !residual && (form === "dense" || form === "groups");
}

/** Rows of the map that windows need of it before the first band, and those that they reach below it. */
function rowsBeyond(
  { kernel, strides, pads }: WindowBehind,
  map: Extents,
  places: Extents,
): { readonly first: number; readonly below: number } {
  const first = kernel[0] - strides[0] - pads[0];
  return { first, below: places.h * strides[0] + first - map.h };
}

/** Windows reach no farther above the map than they overlap, and below it, or before the first band, no more rows than one moves by. */
function canReach(behind: WindowBehind, map: Extents, places: Extents): boolean {
  const [stride] = behind.strides;
  const { first, below } = rowsBeyond(behind, map, places);
  return stride > 1 && first >= 0 && first <= stride && below <= stride;
}

/** More taps than these take longer than in a layer of their own, whose tiles are made for them: 5x5 by up to a third. */
const MOST_TAPS = 9;

/** Whether windows are few taps, and none reaches below the map, for which the input would need a border. */
function isSmall(behind: WindowBehind, map: Extents, places: Extents): boolean {
  return behind.kernel[0] * behind.kernel[1] <= MOST_TAPS && rowsBeyond(behind, map, places).below <= 0;
}

/** Fewer parts of the channels leave threads without work. */
const LEAST_PARTS = 3;
/** What parts read more of the input, at most, of what the map would be written and read: a core in order waits for all of it. */
const MOST_AGAIN = { inOrder: 0.5, outOfOrder: 1 } as const;

/** Part of the second cache that a map may take and still be there when it is read, beside what is read and written meanwhile. A policy. */
const STAYS = { inOrder: 1, outOfOrder: 0.7 } as const;

/**
 * Whether a map that would not stay in the second cache is worth reading the input once for each part of its channels. A core in order
 * waits for inputs of larger kernels, which nobody asks for ahead.
 */
function bandsPay(x: Extents, map: Extents, isPoint: boolean, { core, isa }: Target): boolean {
  const bytes = ({ n, c, h, w }: Extents): number => n * c * h * w * 4;
  const channels = roundUp(map.c, isa.lanes);
  const parts = channels / bandsFor(channels, 1, isa.lanes).CB;
  const kind = core.inOrder ? "inOrder" : "outOfOrder";
  if (bytes(map) <= core.l2Bytes * STAYS[kind] || parts < LEAST_PARTS || (core.inOrder && !isPoint))
    return false;
  const again = bytes(x) <= core.l2Bytes ? 0 : (parts - 1) * bytes(x);
  return again <= 2 * bytes(map) * MOST_AGAIN[kind];
}

function isPoint({ tensors }: Graph, { inputs }: GraphNode): boolean {
  const [, , kh, kw] = tensors.get(inputs[1])?.shape ?? [];
  return kh === 1 && kw === 1;
}
