import type { ConvDims } from "../../ops/conv2d/algorithm.ts";
import { defined } from "../../support/assert.ts";
import { valueBounds } from "../bounds.ts";
import { type Draft, rebuild } from "../draft.ts";
import { endsPlainly } from "../epilogue.ts";
import {
  type Clamp,
  type Conv2d,
  type DynamicConv2d,
  type Graph,
  type GraphNode,
  NO_CLAMP,
} from "../graph.ts";
import { GATED } from "../node-task/conv-algorithms.ts";

/** What is known of layers otherwise. */
export interface GateWishes {
  readonly lanes: number;
  /** Output channels that a convolution computes at a time, as estimated. */
  readonly block: (d: ConvDims) => number;
  /** By what a layer is computed, where that is decided. */
  readonly decided: (layer: string) => string | undefined;
  /** Whether something is decided of a layer by its name, which it then keeps. */
  readonly isNamed: (layer: string) => boolean;
  /** Whether a convolution alone would be computed by an algorithm that does less. */
  readonly doesLess: (graph: Graph, node: GraphNode) => boolean;
}

/** Pixels for each output channel from which on it pays: a weight that is multiplied is read and written, too. A policy. */
const LEAST_PIXELS = 2;

/**
 * A 1x1 convolution of a map that gates of its channels are multiplied with (squeeze and excitation) has its weights multiplied with
 * them instead, where those are fewer: the map is neither read nor written for it. Of an image alone, as each has gates of its own; and of
 * gates that lie between -1 and 1, so that no product with a weight is too large for a float.
 */
export function gateWeights(graph: Graph, wishes: GateWishes): Graph {
  let known: ReadonlyMap<string, Clamp> | undefined;
  const isGate = (tensor: string): boolean => {
    known ??= valueBounds(graph);
    const { lo, hi } = known.get(tensor) ?? NO_CLAMP;
    return lo >= -1 && hi <= 1;
  };
  return rebuild(graph, (node, draft) => {
    const scale = draft.producer(node.inputs[0] ?? "");
    const { op } = node;
    const gates = scale && gatesOf(scale, draft);
    if (
      scale === undefined ||
      gates === undefined ||
      !isGate(gates) ||
      op.kind !== "conv2d" ||
      wishes.isNamed(scale.name)
    ) {
      draft.push(node);
      return;
    }
    const d = pointSizes(node, op, draft);
    const block = d && pays(node, d, draft.graph, wishes) ? wishes.block(d) : 0;
    if (block === 0 || d === undefined || d.OC % block !== 0) draft.push(node);
    else pushGated({ scale, gates, node, op }, d, block, draft);
  });
}

/** The gates of a node that multiplies the channels of an image with them, and does nothing else. */
function gatesOf({ op, inputs, output }: GraphNode, draft: Draft): string | undefined {
  if (op.kind !== "mul" || op.residual || !endsPlainly(op) || !draft.isOnlyUse(output)) return undefined;
  const [, , ...pixels] = draft.shape(inputs[1]);
  const [n] = draft.shape(output);
  return n === 1 && pixels.every((extent) => extent === 1) ? inputs[1] : undefined;
}

/** The sizes of a 1x1 convolution of one group; undefined: it is something else. */
function pointSizes({ inputs, output }: GraphNode, op: Conv2d, draft: Draft): ConvDims | undefined {
  const [OC, IC, KH, KW] = draft.shape(inputs[1]);
  if (op.slopes || op.globalPool || op.behind || op.groups > 1 || KH * KW > 1) return undefined;
  if (op.pads.some((pad) => pad !== 0)) return undefined;
  const [N, , OH, OW] = draft.shape(output);
  const [[SH, SW], [DH, DW]] = [op.strides, op.dilations];
  return { N, G: 1, OC, IC, OH, OW, KH, KW, SH, SW, DH, DW };
}

function pays(node: GraphNode, { OC, IC, OH, OW }: ConvDims, graph: Graph, wishes: GateWishes): boolean {
  if (OC % wishes.lanes !== 0 || IC % wishes.lanes !== 0 || OH * OW === 1) return false;
  const wanted = wishes.decided(node.name);
  if (wanted !== undefined) return wanted === GATED;
  return OC * LEAST_PIXELS <= OH * OW && !wishes.doesLess(graph, node);
}

interface Gated {
  readonly scale: GraphNode;
  readonly gates: string;
  readonly node: GraphNode;
  readonly op: Conv2d;
}

function pushGated(
  { scale, gates, node, op }: Gated,
  { OC, IC }: ConvDims,
  block: number,
  draft: Draft,
): void {
  const [, weights, ...rest] = node.inputs;
  const shape = [OC / block, IC, block];
  const data = inBlocks(defined(draft.constant(weights), `weights ${weights}`), shape);
  const rows = draft.addTensor(`${gates}/rows`, [1, IC, 1]);
  const constant = draft.addTensor(`${weights}/blocks`, shape, data);
  const gated = draft.addTensor(`${weights}/gated`, shape);
  draft.remove(scale);
  draft.push({ name: `${scale.name}/rows`, op: { kind: "reshape" }, inputs: [gates], output: rows });
  draft.push({
    name: scale.name,
    op: { kind: "elementwise", fn: "mul", constant: "second", clamp: NO_CLAMP },
    inputs: [rows, constant],
    output: gated,
  });
  draft.push({ ...node, op: byGates(op), inputs: [scale.inputs[0], gated, ...rest] });
}

function byGates({ kind: _, slopes, globalPool, behind, ...op }: Conv2d): DynamicConv2d {
  return { ...op, kind: "dynamic-conv2d", kernel: [1, 1], gates: true };
}

/** [OC, IC] as [OC/block, IC, block]. */
function inBlocks(data: Float32Array, [, channels, block]: readonly number[]): Float32Array {
  const size = channels * block;
  return Float32Array.from(data, (_, i) => {
    const [first, inside] = [Math.floor(i / size) * block, i % size];
    return data[(first + (inside % block)) * channels + Math.floor(inside / block)];
  });
}
