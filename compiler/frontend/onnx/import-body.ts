import { countUses, define, freshName, type ImportState, readConstant } from "./import-state.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import type { NodeContext } from "./node-context.ts";
import { orderNodes } from "./order-nodes.ts";
import { namesDefined, renameGraph } from "./subgraphs.ts";
import type { Value } from "./value.ts";

/** Reads one node into the state. */
export type ImportNode = (state: ImportState, node: OnnxNode) => void;

/** Nodes that a file may come to have when its loops are written out. */
const MOST_NODES = 100_000;

/**
 * The nodes of a graph inside a node, in its place: what its results are. Names of one may be those of another, so they become fresh
 * ones, but for those in `names`; `inputs` are the values of the graph's own inputs, in order.
 */
export function importBody(
  context: NodeContext,
  body: OnnxGraph,
  importNode: ImportNode,
  inputs: readonly Value[] = [],
  names: Map<string, string> = new Map(),
): readonly Value[] {
  const { state, name: prefix } = context;
  const own = (body.input ?? []).map(({ name = "" }) => name);
  const results = new Set(names.values());
  for (const name of [...namesDefined(body), ...own]) {
    if (!names.has(name)) names.set(name, freshName(state.tensorNames, `${prefix}/${name}`));
  }
  const graph = renameGraph(body, (name) => names.get(name) ?? name);
  const nodes = orderNodes(graph);
  // what bears a result's name is read under it, and counted there
  const output = (graph.output ?? []).filter(({ name = "" }) => !results.has(name));
  countUses(state, { node: nodes, output });
  if (state.records.length + nodes.length > MOST_NODES) {
    context.unsupported(`it brings the nodes of this file to more than ${MOST_NODES}`);
  }
  own.forEach((name, i) => {
    define(state, names.get(name) ?? name, inputs[i] ?? context.invalid(`its body has ${own.length} inputs`));
  });
  for (const tensor of graph.initializer ?? []) {
    define(state, tensor.name ?? "", readConstant(state, tensor, tensor.name ?? ""));
  }
  for (const inner of nodes) importNode(state, inner);
  return (graph.output ?? []).map(({ name = "" }, i) => {
    const result = `result \`${body.output?.[i].name}\` of its ${inputs.length > 0 ? "body" : "branch"}`;
    if (state.sequences.has(name)) context.unsupported(`${result} is a sequence of tensors`);
    return state.values.get(name) ?? context.invalid(`${result} is defined nowhere`);
  });
}
