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
import { transposeData } from "../transpose-data.ts";
import { convDimsOf } from "./conv-dims.ts";

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
  const isSmall = (tensor: string): boolean => {
    known ??= valueBounds(graph);
    const { lo, hi } = known.get(tensor) ?? NO_CLAMP;
    return lo >= -1 && hi <= 1;
  };
  return rebuild(graph, (node, draft) => {
    const gated = gatedBy(node, draft, isSmall, wishes);
    if (gated === undefined) draft.push(node);
    else pushGated(gated, draft);
  });
}

/** A convolution, what multiplies its input with gates, and the sizes of both. */
interface Gated {
  readonly scale: GraphNode;
  readonly gates: string;
  readonly node: GraphNode;
  readonly op: Conv2d;
  readonly d: ConvDims;
  readonly block: number;
}

function gatedBy(
  node: GraphNode,
  draft: Draft,
  isSmall: (tensor: string) => boolean,
  wishes: GateWishes,
): Gated | undefined {
  const { op } = node;
  if (op.kind !== "conv2d" || !isPlain(op)) return undefined;
  const scale = draft.producer(node.inputs[0]);
  const gates = scale && gatesOf(scale, draft);
  if (scale === undefined || gates === undefined || !isSmall(gates) || wishes.isNamed(scale.name)) {
    return undefined;
  }
  const d = convDimsOf(node, op, draft.shape);
  if (d.KH * d.KW > 1 || !pays(node, d, draft.graph, wishes)) return undefined;
  const block = wishes.block(d);
  return d.OC % block === 0 ? { scale, gates, node, op, d, block } : undefined;
}

/** The gates of a node that multiplies the channels of an image with them, and does nothing else. */
function gatesOf({ op, inputs, output }: GraphNode, draft: Draft): string | undefined {
  if (op.kind !== "mul" || op.residual || !endsPlainly(op) || !draft.isOnlyUse(output)) return undefined;
  const [, , ...pixels] = draft.shape(inputs[1]);
  const [n] = draft.shape(output);
  return n === 1 && pixels.every((extent) => extent === 1) ? inputs[1] : undefined;
}

/** Whether a convolution is of one group, without a border, and makes the map alone. */
function isPlain({ groups, pads, slopes, globalPool, behind }: Conv2d): boolean {
  return groups === 1 && pads.every((pad) => pad === 0) && !slopes && !globalPool && !behind;
}

function pays(node: GraphNode, { OC, IC, OH, OW }: ConvDims, graph: Graph, wishes: GateWishes): boolean {
  if (OC % wishes.lanes !== 0 || IC % wishes.lanes !== 0 || OH * OW === 1) return false;
  const wanted = wishes.decided(node.name);
  if (wanted !== undefined) return wanted === GATED;
  return OC * LEAST_PIXELS <= OH * OW && !wishes.doesLess(graph, node);
}

function pushGated({ scale, gates, node, op, d: { OC, IC }, block }: Gated, draft: Draft): void {
  const [, weights, ...rest] = node.inputs;
  const data = defined(draft.constant(weights), `weights ${weights}`);
  const blocks = transposeData(data, [OC / block, block, IC], [0, 2, 1]);
  const shape = [OC / block, IC, block];
  const rows = draft.addTensor(`${gates}/rows`, [1, IC, 1]);
  const constant = draft.addTensor(`${weights}/blocks`, shape, blocks);
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
