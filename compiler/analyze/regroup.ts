import { elementCount } from "../graph/extents.ts";
import type { Conv2d, Graph, GraphNode, Tensor } from "../graph/graph.ts";
import { defined } from "../support/assert.ts";
import { UserError } from "../support/diagnostic.ts";
import { makeRng, type Rng } from "../support/rng.ts";

/** Which convolutions change; see `regroupable`. */
export type RegroupLayers = "grouped" | "spatial";

export interface RegroupOptions {
  /** Groups of each layer; else `G`. */
  readonly g?: number;
  /** Input channels of each group. */
  readonly G?: number;
  /** The G of single layers, by name; the others keep theirs. Instead of `g` and `G`. */
  readonly sizes?: ReadonlyMap<string, number>;
  /** Default: "grouped" if the network has groups, else "spatial". */
  readonly layers?: RegroupLayers;
  /** Of the new weights, default 1. */
  readonly seed?: number;
}
export interface GroupChange {
  readonly layer: string;
  readonly before: number;
  readonly groups: number;
  readonly group_size: number;
  /** Whether it is what was asked for; else what was asked for does not divide the layer and this is nearest. */
  readonly exact: boolean;
}
export interface Regrouped {
  readonly graph: Graph;
  readonly changes: readonly GroupChange[];
}

/**
 * The network with other groups: a designer's starting point, to be trained elsewhere. A layer whose channels the wanted
 * number does not divide takes the nearest that does (by ratio; of two equally near, the one with more groups), so that
 * a layer with fewer channels than G becomes dense. The weights of changed layers are drawn anew, seeded, as large
 * in sum of squares as the old ones; all others stay. Errors: F206 (g, G), F207 (nothing to change).
 */
export function regroup(graph: Graph, options: RegroupOptions): Regrouped {
  checkOptions(graph, options);
  const chosen = new Set(regroupable(graph, options.layers).map(({ name }) => name));
  if (chosen.size === 0) throw nothingToRegroup(graph, options.layers);
  const rng = makeRng(options.seed ?? 1);
  const tensors = new Map(graph.tensors);
  const changes: GroupChange[] = [];
  const nodes = graph.nodes.map((node): GraphNode => {
    const { op, inputs, name } = node;
    if (op.kind !== "conv2d" || !chosen.has(name)) return node;
    const change = newGroups(graph, node, op, options);
    if (change === undefined) return node;
    changes.push(change);
    if (change.groups === op.groups) return node;
    const weights = redraw(tensorOf(graph, inputs[1]), change.group_size, rng, freeName(tensors, name));
    tensors.set(weights.name, weights);
    return {
      ...node,
      op: { ...op, groups: change.groups },
      inputs: [inputs[0], weights.name, ...inputs.slice(2)],
    };
  });
  const used = new Set([...nodes.flatMap((n) => [...n.inputs, n.output]), ...graph.inputs]);
  const kept = [...tensors].filter(([name]) => used.has(name));
  return { graph: { ...graph, name: newName(graph, options), nodes, tensors: new Map(kept) }, changes };
}

/**
 * The convolutions that `regroup` may change: those with groups already, or ("spatial") all with a kernel larger than
 * 1x1. Never those that read a network input: their few channels are colours.
 */
export function regroupable(graph: Graph, layers?: RegroupLayers): readonly GraphNode[] {
  const convolutions = graph.nodes.filter(
    ({ op, inputs }) => op.kind === "conv2d" && !graph.inputs.includes(inputs[0]),
  );
  const grouped = convolutions.filter(({ op }) => op.kind === "conv2d" && op.groups > 1);
  if (layers === "grouped" || (layers === undefined && grouped.length > 0)) return grouped;
  return convolutions.filter(({ inputs }) => elementCount(tensorOf(graph, inputs[1]).shape.slice(2)) > 1);
}

/** Numbers of groups that divide a layer's channels on both sides, ascending. */
export function possibleGroups(inChannels: number, outChannels: number): readonly number[] {
  const count = Math.min(inChannels, outChannels);
  return Array.from({ length: count }, (_, i) => i + 1).filter(
    (g) => inChannels % g === 0 && outChannels % g === 0,
  );
}

function newGroups(
  graph: Graph,
  { name, inputs }: GraphNode,
  { groups }: Conv2d,
  { g, G, sizes }: RegroupOptions,
): GroupChange | undefined {
  const [outChannels, perGroup] = tensorOf(graph, inputs[1]).shape;
  const channels = perGroup * groups;
  const size = sizes === undefined ? G : sizes.get(name);
  if (sizes !== undefined && size === undefined) return undefined;
  const wanted = size === undefined ? defined(g, "the number of groups") : channels / size;
  const found = nearest(possibleGroups(channels, outChannels), wanted);
  return {
    layer: name,
    before: groups,
    groups: found,
    group_size: channels / found,
    exact: found === wanted,
  };
}

function nearest(candidates: readonly number[], wanted: number): number {
  const far = (g: number): number => Math.abs(Math.log(g / wanted));
  return candidates.reduce((best, g) => (far(g) <= far(best) ? g : best), candidates[0]);
}

/** Uniform weights of shape [OC, size, ...] whose squares add up, for each output, to what they did on average. */
function redraw(old: Tensor, size: number, rng: Rng, name: string): Tensor {
  const data = defined(old.data, `weights ${old.name}`);
  const shape = old.shape.with(1, size);
  const fanIn = elementCount(shape.slice(1));
  const energy = data.reduce((sum, w) => sum + w * w, 0) / shape[0];
  const bound = Math.sqrt((3 * energy) / fanIn);
  const fresh = new Float32Array(elementCount(shape));
  for (let i = 0; i < fresh.length; i++) fresh[i] = (2 * rng.next() - 1) * bound;
  return { name, shape, data: fresh };
}

function freeName(tensors: ReadonlyMap<string, Tensor>, layer: string): string {
  let name = `${layer}.regrouped`;
  for (let i = 1; tensors.has(name); i++) name = `${layer}.regrouped.${i}`;
  return name;
}

function newName({ name }: Graph, { g, G }: RegroupOptions): string {
  return G !== undefined ? `${name}-G${G}` : g !== undefined ? `${name}-g${g}` : `${name}-regrouped`;
}

function tensorOf(graph: Graph, name: string): Tensor {
  return defined(graph.tensors.get(name), `tensor ${name}`);
}

function checkOptions({ name }: Graph, { g, G, sizes }: RegroupOptions): void {
  if (sizes !== undefined) return;
  const asked = g ?? G;
  const why =
    g !== undefined && G !== undefined
      ? "--g and --G were both given"
      : asked === undefined
        ? "neither --g nor --G was given"
        : Number.isSafeInteger(asked) && asked >= 1
          ? undefined
          : `${g === undefined ? "--G" : "--g"} is ${asked}, wanted is a whole number from 1 on`;
  if (why === undefined) return;
  throw new UserError({
    code: "F206",
    exit: "usage",
    title: `\`${name}\` cannot be regrouped`,
    why,
    help: ["--g counts groups, --G channels per group: give one"],
  });
}

function nothingToRegroup({ name }: Graph, layers: RegroupLayers | undefined): UserError {
  return new UserError({
    code: "F207",
    exit: "unsupportedModel",
    title: `\`${name}\` has no layer to regroup`,
    why:
      layers === "grouped"
        ? "none of its convolutions has groups"
        : "none of its convolutions has a kernel larger than 1x1, apart from those that read the input",
    help: layers === "grouped" ? ["--layers spatial takes every convolution larger than 1x1"] : [],
  });
}
