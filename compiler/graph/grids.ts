import { isNormal } from "../ir/dtype.ts";
import { roundEven } from "../ir/functions.ts";
import type { Quantization } from "../ir/quantization.ts";
import { union } from "./bounds.ts";
import { composeClamps, type Stage, stagesOf } from "./epilogue.ts";
import type { Activation, Clamp, Graph, GraphNode } from "./graph.ts";
import { has } from "./node-traits.ts";

/** What a tensor holds: multiples of `alpha` between bounds. */
export interface Grid extends Clamp {
  readonly alpha: number;
}

/** Tensors that hold nothing else than multiples of something: what is quantized. */
export function gridsOf(graph: Graph): ReadonlyMap<string, Grid> {
  const known = found.get(graph);
  if (known !== undefined) return known;
  const grids = new Map<string, Grid>();
  for (const node of graph.nodes) {
    const grid = gridOf(node, grids);
    if (grid !== undefined) grids.set(node.output, grid);
  }
  found.set(graph, grids);
  return grids;
}

const found = new WeakMap<Graph, ReadonlyMap<string, Grid>>();

/** What a node gives that rounds to multiples, that holds such between two of them, or that chooses among them. */
export function gridOf(node: GraphNode, grids: ReadonlyMap<string, Grid>): Grid | undefined {
  const { op } = node;
  if (op.kind === "conv2d" && (op.behind !== undefined || op.globalPool)) return undefined;
  const holds = op.kind === "clamp";
  const chooses = has(op, "moves") || (op.kind === "pool" && op.mode === "max");
  return stagesOf(node).reduce(after, holds || chooses ? ofAll(node.inputs, grids) : undefined);
}

/** What holds numbers of several tensors. */
function ofAll(tensors: readonly string[], grids: ReadonlyMap<string, Grid>): Grid | undefined {
  const given = tensors.flatMap((tensor) => grids.get(tensor) ?? []);
  const [first] = given;
  if (given.length < tensors.length || given.some(({ alpha }) => alpha !== first.alpha)) return undefined;
  return { ...first, ...union(given) };
}

function after(before: Grid | undefined, stage: Stage): Grid | undefined {
  if (stage.kind === "activation") return roundedBy(stage.activation);
  if (stage.kind !== "clamp" || before === undefined) return undefined;
  const { lo, hi } = stage.clamp;
  return isOn(before, lo) && isOn(before, hi)
    ? { ...before, ...composeClamps(before, stage.clamp) }
    : undefined;
}

function roundedBy(activation: Activation): Grid | undefined {
  if (!roundsToSteps(activation)) return undefined;
  return { alpha: activation.alpha, lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };
}

/** Whether results are multiples of its alpha. */
export function roundsToSteps({ fn }: Activation): boolean {
  return fn === "fake-quantize" || fn === "requantize";
}

/** A bound that is none is reached by none. */
function isOn({ alpha }: Grid, bound: number): boolean {
  return !Number.isFinite(bound) || Math.fround(roundEven(Math.fround(bound / alpha)) * alpha) === bound;
}

/** What numbers of i8 stand for that hold such values; undefined where they do not, or not with all digits. */
export function quantizationOf(grid: Grid): Quantization | undefined {
  const { alpha: scale } = grid;
  const offset = offsetOf(grid);
  const whole = isNormal(scale) && isNormal(1 / scale);
  return offset === undefined || !whole ? undefined : { scale, zeroPoint: 0 - offset };
}

/**
 * What to subtract from quantized values, those of zeros around a tensor among them, so that they fit i8: 0 where they do, 128 of uint8
 * with a zero point of 0; undefined where they span more than 8 bits.
 */
export function offsetOf({ alpha, lo, hi }: Grid): number | undefined {
  const [least, most] = [Math.min(0, Math.round(lo / alpha)), Math.max(0, Math.round(hi / alpha))];
  if (most - least > 255) return undefined;
  return least >= -128 && most <= 127 ? 0 : least + 128;
}
