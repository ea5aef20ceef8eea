import { countUses, define, freshName, type ImportState, readConstant } from "./import-state.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import type { NodeContext } from "./node-context.ts";
import { orderNodes } from "./order-nodes.ts";
import { namesDefined, renameGraph } from "./subgraphs.ts";

/**
 * If (opset 1) on a condition that is known: the nodes of the branch taken stand in its place. Names of a branch may be those of
 * another, so they become fresh ones; results get the names that the If gives them. False where the condition is not known.
 */
export function importBranch(
  context: NodeContext,
  node: OnnxNode,
  importNode: (state: ImportState, node: OnnxNode) => void,
): boolean {
  const condition = context.value(0);
  if (condition.kind !== "integers") return false;
  const taken = context.truth(0, "condition") ? "then_branch" : "else_branch";
  const branch = node.attribute?.find(({ name }) => name === taken)?.g ?? {};
  const given = (branch.output ?? []).map(({ name }) => name ?? "");
  const wanted = node.output ?? [];
  if (given.length !== wanted.length) {
    context.invalid(`its ${taken} has ${given.length} results, the node ${wanted.length}`);
  }
  const { state } = context;
  const names = branchNames(context, branch);
  const graph = renameGraph(branch, (name) => names.get(name) ?? name);
  const nodes = orderNodes(graph);
  countUses(state, { node: nodes });
  for (const tensor of graph.initializer ?? []) {
    define(state, tensor.name ?? "", readConstant(state, tensor, tensor.name ?? ""));
  }
  for (const inner of nodes) importNode(state, inner);
  given.forEach((name, i) => {
    const source = names.get(name) ?? name;
    if (wanted[i] === "" || wanted[i] === source) return;
    const value =
      state.values.get(source) ?? context.invalid(`result \`${name}\` of its ${taken} is defined nowhere`);
    define(state, wanted[i], value.kind === "unknown" ? { kind: "unknown", name: wanted[i] } : value);
  });
  return true;
}

function branchNames(context: NodeContext, branch: OnnxGraph): ReadonlyMap<string, string> {
  const { state, name: prefix, outputNames } = context;
  const names = new Map<string, string>();
  const computed = new Set((branch.node ?? []).flatMap(({ output }) => output ?? []));
  (branch.output ?? []).forEach(({ name = "" }, i) => {
    if (computed.has(name) && outputNames[i] !== "" && !names.has(name)) names.set(name, outputNames[i]);
  });
  for (const name of namesDefined(branch)) {
    if (!names.has(name)) names.set(name, freshName(state.tensorNames, `${prefix}/${name}`));
  }
  return names;
}
