import { defined } from "../../support/assert.ts";
import { type Extents, imageExtents, NO_PADS, shapeOf } from "../extents.ts";
import type { Graph } from "../graph.ts";
import {
  canonicalLayout,
  channelRun,
  type Format,
  flattenedLayout,
  floatsOf,
  inNumbers,
  inOrder,
  isOfFormat,
  type Layout,
  layoutText,
  naturalLayout,
  PLANAR,
  planarLayout,
  shuffledLayout,
} from "../layout.ts";
import { canCopy, channelWindow, ownView } from "../placement.ts";
import { type AlgorithmOptions, wantsBlocks } from "./algorithm-options.ts";
import { type Formats, readFormat } from "./formats.ts";
import { layoutRules, type NodeRules, type OperandRule } from "./layout-rules.ts";
import { type MoveNode, type PlanNode, tensorSize } from "./plan-node.ts";
import { canSpread } from "./space-tasks.ts";

/** The layouts of a whole network. */
export interface Layouts {
  /** How the producer of a tensor writes it. */
  written(tensor: string): Layout;
  /** How node number `at` wants to read its operand number `operand` (activations only). */
  wanted(at: number, operand: number): Layout;
}

/**
 * Chooses layouts so that few tensors have to be repacked. Tensors that must lie alike form a class; each
 * node with a fixed demand votes for it with the size of the tensor, and the class takes what would save
 * most copying, else the natural order, or rows where all who touch it do as well with those. Where a demand still differs, the planner adds a copy.
 */
export function assignLayouts(
  graph: Graph,
  nodes: readonly PlanNode[],
  formats: Formats,
  options: AlgorithmOptions = { algorithms: undefined, decide: undefined },
): Layouts {
  const rules = nodes.map((node) => layoutRules(graph, node, formats(node.output)));
  const written = writtenLayouts(graph, nodes, rules, formats);
  const layoutOf = (tensor: string): Layout => defined(written.get(tensor), `layout of ${tensor}`);
  return {
    written: layoutOf,
    wanted: (at, operand) => {
      const { tensor, rule } = rules[at].inputs[operand];
      const node = nodes[at];
      const format = readFormat(formats, node, tensor);
      const now = inFormat(layoutOf(tensor), format);
      if (node.kind === "shuffle") return shuffleSource(graph, node, now, format);
      const source =
        node.kind === "take"
          ? takeSource(graph, node, now, layoutOf(node.output))
          : node.kind === "spread"
            ? spreadSource(graph, node, now, format)
            : undefined;
      if (source !== undefined) return canonicalLayout(source, imageOf(graph, tensor), format);
      const ask =
        rule.kind === "fixed"
          ? inNumbers(rule.layout, format)
          : rule.kind === "same"
            ? inNumbers(layoutOf(node.output), format)
            : rule.asIs || takesRows(graph, node, tensor, format, options)
              ? now
              : anyFor(node, now, layoutOf(node.output), format);
      return told(graph, ask, rules[at].inputs[operand], format);
    },
  };
}

/** How the producer of each tensor writes it. */
function writtenLayouts(
  graph: Graph,
  nodes: readonly PlanNode[],
  rules: readonly NodeRules[],
  formats: Formats,
): ReadonlyMap<string, Layout> {
  const classOf = tensorClasses(graph, rules, formats);
  const winners = countVotes(graph, rules, classOf, formats);
  const blocked = blockedClasses(nodes, rules, classOf);
  const classLayout = (tensor: string): Layout => {
    const own = classOf(tensor);
    const format = formats(tensor);
    const winner = winners.get(own);
    if (winner !== undefined) return inNumbers(winner, format);
    return blocked.has(own) ? naturalLayout(format) : planarLayout(format);
  };
  const written = new Map<string, Layout>();
  for (const input of graph.inputs)
    written.set(input, canonicalLayout(PLANAR, imageOf(graph, input), formats(input)));
  nodes.forEach((node, at) => {
    const { inputs, output } = rules[at];
    const before = (): Layout => defined(written.get(inputs[0].tensor), `layout of ${inputs[0].tensor}`);
    const format = formats(node.output);
    if (node.kind === "shuffle") {
      written.set(node.output, shuffled(graph, node, before(), classLayout(node.output), format));
      return;
    }
    const layout =
      node.kind === "flatten"
        ? flattenedLayout(before(), defined(imageOf(graph, node.inputs[0]), "a flattened image"))
        : output.rule.kind === "fixed"
          ? output.rule.layout
          : classLayout(node.output);
    written.set(node.output, told(graph, layout, output, format));
  });
  return written;
}

function imageOf(graph: Graph, tensor: string): Extents | undefined {
  return imageExtents(shapeOf(graph, tensor));
}

/** A layout as what it is an operand's calls it. */
function told(graph: Graph, layout: Layout, { tensor, rule }: OperandRule, format: Format): Layout {
  const exactly = rule.kind === "fixed" && rule.exactly;
  return exactly ? layout : canonicalLayout(layout, imageOf(graph, tensor), format);
}

/** A layout in numbers of a format: itself where it is, else in the same order. */
function inFormat(layout: Layout, format: Format): Layout {
  if (isOfFormat(layout, format)) return layout;
  return layout.kind === "planar" ? planarLayout(format) : naturalLayout(format);
}

/** Blocks of fewer channels than lanes would be mostly padding, and a convolution by plain sums reads rows as well. */
function takesRows(
  graph: Graph,
  node: PlanNode,
  tensor: string,
  format: Format,
  options: AlgorithmOptions,
): boolean {
  const convolves = node.kind === "kernel" && node.node.op.kind === "conv2d";
  return convolves && shapeOf(graph, tensor)[1] < format.lanes && !wantsBlocks(graph, node, format, options);
}

/** A kernel that takes any order still wants blocks. A copy takes anything but an order it cannot follow. */
function anyFor(node: PlanNode, now: Layout, written: Layout, format: Format): Layout {
  if (node.kind === "kernel") return now.kind === "blocked" ? now : naturalLayout(format);
  if (node.kind === "join" && channelRun(now) !== undefined && inOrder(written)) return now;
  if ((node.kind === "join" || node.kind === "collect") && now.kind === "blocked")
    return naturalLayout(format);
  return now;
}

/** What there is, where the channels taken are whole blocks of it that the result's layout has as well. */
function takeSource(
  graph: Graph,
  { inputs, output, start }: MoveNode & { readonly kind: "take" },
  now: Layout,
  written: Layout,
): Layout {
  const [all, part] = [inputs[0], output].map((tensor) =>
    defined(imageExtents(shapeOf(graph, tensor)), "images to take channels of"),
  );
  const taken = channelWindow({ extents: all, layout: now, halo: NO_PADS }, start, part.c);
  const window = ownView(taken);
  return window !== undefined && canCopy(part, written, window.shape[2]) ? now : written;
}

/** What there is, where one copy spreads it over the map; else what one does. */
function spreadSource(
  graph: Graph,
  { op, output }: MoveNode & { readonly kind: "spread" },
  now: Layout,
  format: Format,
): Layout {
  const [, channels] = shapeOf(graph, output);
  const usable = [now, naturalLayout(format)].find((layout) => canSpread(op, channels, layout));
  return usable ?? planarLayout(format);
}

type Shuffle = MoveNode & { readonly kind: "shuffle" };

/** What a shuffle of `before` yields: for free where the memory can stay as it is, else by one copy. */
function shuffled(
  graph: Graph,
  { inputs, groups, size }: Shuffle,
  before: Layout,
  wanted: Layout,
  format: Format,
): Layout {
  const free = shuffledLayout(before, groups, size, format);
  if (free !== undefined) return free;
  const extents = defined(imageExtents(shapeOf(graph, inputs[0])), "a shuffle's image");
  return canCopy(extents, wanted, groups) ? wanted : planarLayout(format);
}

/** The layout a shuffle reads: what there is, unless that cannot be told in groups. */
function shuffleSource(graph: Graph, { inputs, groups, size }: Shuffle, now: Layout, format: Format): Layout {
  const extents = defined(imageExtents(shapeOf(graph, inputs[0])), "a shuffle's image");
  const usable = shuffledLayout(now, groups, size, format) !== undefined || canCopy(extents, now, size);
  return usable ? now : planarLayout(format);
}

/** Tensors tied by `same` rules, each class by the name of one of them; network inputs stay apart. */
function tensorClasses(
  graph: Graph,
  rules: readonly NodeRules[],
  formats: Formats,
): (tensor: string) => string {
  const parent = new Map<string, string>();
  const find = (tensor: string): string => {
    let root = tensor;
    for (let up = parent.get(root); up !== undefined; up = parent.get(root)) root = up;
    for (let at = tensor; at !== root; ) {
      const up = parent.get(at) ?? root;
      parent.set(at, root);
      at = up;
    }
    return root;
  };
  for (const { inputs, output } of rules) {
    const tied = [output, ...inputs].filter(
      ({ tensor, rule }) =>
        rule.kind === "same" &&
        !graph.inputs.includes(tensor) &&
        formats(tensor).floats === formats(output.tensor).floats,
    );
    for (const { tensor } of tied.slice(1)) {
      const [a, b] = [find(tied[0].tensor), find(tensor)];
      if (a !== b) parent.set(b, a);
    }
  }
  return find;
}

/** Classes that some node wants in blocks, of whatever order. */
function blockedClasses(
  nodes: readonly PlanNode[],
  rules: readonly NodeRules[],
  classOf: (tensor: string) => string,
): ReadonlySet<string> {
  const wantsBlocks = ({ kind }: PlanNode, { rule }: OperandRule): boolean => {
    if (rule.kind === "same") return !rule.rows;
    return rule.kind === "any" && !rule.asIs && kind !== "reshape";
  };
  return new Set(
    rules.flatMap(({ inputs, output }, at) =>
      [...inputs, output].flatMap((operand) =>
        wantsBlocks(nodes[at], operand) ? [classOf(operand.tensor)] : [],
      ),
    ),
  );
}

/** The blocked layout with most votes, by class; the first to reach the count wins a tie. */
function countVotes(
  graph: Graph,
  rules: readonly NodeRules[],
  classOf: (tensor: string) => string,
  formats: Formats,
): ReadonlyMap<string, Layout> {
  const votes = new Map<string, Map<string, { readonly layout: Layout; readonly weight: number }>>();
  const vote = ({ tensor, rule }: OperandRule): void => {
    const wish = rule.kind === "fixed" ? rule.layout : rule.kind === "any" ? rule.wish : undefined;
    if (wish === undefined || wish.kind === "planar" || graph.inputs.includes(tensor)) return;
    // numbers of i8 lie as the floats that they stand for
    const layout = inNumbers(wish, floatsOf(wish));
    if (!isOfFormat(layout, { lanes: formats(tensor).lanes, ...floatsOf(formats(tensor)) })) return;
    const box = votes.get(classOf(tensor)) ?? new Map();
    votes.set(classOf(tensor), box);
    const weight = (box.get(layoutText(layout))?.weight ?? 0) + tensorSize(graph, tensor);
    box.set(layoutText(layout), { layout, weight });
  };
  for (const { inputs, output } of rules) for (const operand of [...inputs, output]) vote(operand);
  return new Map(
    [...votes].map(([name, box]) => {
      const [first, ...rest] = box.values();
      return [name, rest.reduce((best, next) => (next.weight > best.weight ? next : best), first).layout];
    }),
  );
}
