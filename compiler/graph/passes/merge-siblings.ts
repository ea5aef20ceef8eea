import { joinedFloats } from "../../ir/typed-array.ts";
import type { ConvDims } from "../../ops/conv2d/algorithm.ts";
import { defined } from "../../support/assert.ts";
import { type Draft, rebuild } from "../draft.ts";
import { shapeOf } from "../extents.ts";
import type { Conv2d, Graph, GraphNode } from "../graph.ts";
import { readersOf } from "../readers.ts";
import { convDimsOf } from "./conv-dims.ts";

/** What is known of layers otherwise. */
export interface SiblingWishes {
  readonly lanes: number;
  /** Whether something is decided of a layer by its name, which it then keeps. */
  readonly isNamed: (layer: string) => boolean;
  /** Time of a convolution relative to its sums as they come. */
  readonly cost: (d: ConvDims) => number;
}

/** Siblings of one layer at most: it has all their names. A policy. */
const MOST_SIBLINGS = 4;
/** Channels that whole lines of memory hold, whatever the map's size is: behind so many the next convolution's may lie. */
const CHANNELS_APART = 16;

/**
 * 1x1 convolutions of one tensor that end alike are one, of which each reader takes some channels as they lie: the tensor is read, or
 * copied side by side, once, and few channels of one fill up the tiles of the other's (the reductions of an Inception block). Not what a
 * concat takes, in whose memory it is written as it is.
 */
export function mergeSiblings(graph: Graph, wishes: SiblingWishes): Graph {
  const merged = new Map<GraphNode, readonly GraphNode[]>();
  const gone = new Set<GraphNode>();
  for (const node of graph.nodes) {
    if (gone.has(node)) continue;
    const all = siblingsOf(graph, node, gone, wishes);
    if (all.length < 2 || !pays(graph, all, wishes)) continue;
    merged.set(node, all);
    for (const one of all) gone.add(one);
  }
  if (merged.size === 0) return graph;
  return rebuild(graph, (node, draft) => {
    const all = merged.get(node);
    if (all) pushMerged(all, draft);
    else if (!gone.has(node)) draft.push(node);
  });
}

/** A convolution and those behind it that can be one with it, the ones first behind which another's channels may begin. */
function siblingsOf(
  graph: Graph,
  node: GraphNode,
  gone: ReadonlySet<GraphNode>,
  wishes: SiblingWishes,
): readonly GraphNode[] {
  const form = formOf(graph, node, wishes);
  if (form === undefined) return [];
  const alike = readersOf(graph, node.inputs[0]).filter(
    (other) => !gone.has(other) && formOf(graph, other, wishes) === form,
  );
  const isWhole = (one: GraphNode): boolean => channelsOf(graph, one) % CHANNELS_APART === 0;
  const odd = alike.filter((one) => !isWhole(one)).slice(0, 1);
  return [...alike.filter(isWhole).slice(0, MOST_SIBLINGS - odd.length), ...odd];
}

/** What convolutions have in common that can be one; undefined: it stays as it is. */
function formOf(
  graph: Graph,
  { op, inputs, output, name }: GraphNode,
  wishes: SiblingWishes,
): string | undefined {
  const [x, ...weights] = inputs;
  if (op.kind !== "conv2d" || op.groups !== 1 || op.residual || op.slopes || op.globalPool || op.behind) {
    return undefined;
  }
  const [, , ...kernel] = shapeOf(graph, weights[0]);
  const [n, channels] = shapeOf(graph, output);
  const constant = weights.every((one) => graph.tensors.get(one)?.data !== undefined);
  const readers = readersOf(graph, output);
  // groups behind it, depthwise ones above all, may be computed with it in bands instead
  const taken =
    readers.length > 0 &&
    readers.every(({ op: by, inputs: [of] }) => by.kind === "conv2d" && by.groups === 1 && of === output);
  const plain = kernel.every((k) => k === 1) && n === 1 && channels % wishes.lanes === 0 && constant;
  if (!plain || !taken || graph.outputs.includes(output) || wishes.isNamed(name)) return undefined;
  return JSON.stringify([x, op], (_, value) => (typeof value === "number" ? String(value) : value));
}

/** Whether all at once are estimated to take no longer than one after another, but for what reading once saves. */
function pays(graph: Graph, all: readonly GraphNode[], { cost }: SiblingWishes): boolean {
  const sizes = all.map((node) => convDimsOf(node, node.op as Conv2d, (tensor) => shapeOf(graph, tensor)));
  const OC = sizes.reduce((sum, d) => sum + d.OC, 0);
  const apart = sizes.reduce((sum, d) => sum + cost(d) * d.OC, 0);
  return cost({ ...sizes[0], OC }) * OC <= apart;
}

function channelsOf(graph: Graph, { output }: GraphNode): number {
  return shapeOf(graph, output)[1];
}

/** One convolution in place of several, and what was each one's output as a part of its channels. */
function pushMerged(all: readonly GraphNode[], draft: Draft): void {
  const [first] = all;
  const [n, , ...map] = draft.shape(first.output);
  const name = nameOf(all.map((node) => node.name));
  const joined = first.inputs.slice(1).map((_, i) => {
    const shapes = all.map(({ inputs }) => draft.shape(inputs[1 + i]));
    const parts = all.map(({ inputs }) => defined(draft.constant(inputs[1 + i]), "weights"));
    const count = shapes.reduce((sum, [channels]) => sum + channels, 0);
    return draft.addTensor(`${name}/operand${1 + i}`, [count, ...shapes[0].slice(1)], joinedFloats(parts));
  });
  const channels = all.reduce((sum, node) => sum + draft.shape(node.output)[1], 0);
  const output = draft.addTensor(`${name}/output`, [n, channels, ...map]);
  draft.push({ ...first, name, inputs: [first.inputs[0], ...joined], output });
  let start = 0;
  for (const node of all) {
    draft.push({
      name: node.name,
      op: { kind: "slice", axis: 1, start },
      inputs: [output],
      output: node.output,
    });
    start += draft.shape(node.output)[1];
  }
}

/** The layers of the model that one of the planned graph stands for: those that it was made of, else itself. */
export function membersOf(graph: Graph, layer: string): readonly string[] {
  const node = graph.nodes.find(({ name }) => name === layer);
  const readers = node === undefined ? [] : readersOf(graph, node.output);
  const names = readers.flatMap(({ op, name }) => (op.kind === "slice" ? [name] : []));
  return names.length > 1 && nameOf(names) === layer ? names : [layer];
}

function nameOf(members: readonly string[]): string {
  return members.join("+");
}
