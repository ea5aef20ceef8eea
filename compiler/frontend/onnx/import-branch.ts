import { type ImportNode, importBody } from "./import-body.ts";
import { define } from "./import-state.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import type { NodeContext } from "./node-context.ts";

/**
 * If (opset 1) on a condition that is known: the nodes of the branch taken stand in its place; results get the names that the If gives
 * them. False where the condition is not known.
 */
export function importBranch(context: NodeContext, node: OnnxNode, importNode: ImportNode): boolean {
  const condition = context.value(0);
  if (condition.kind !== "integers") return false;
  const taken = context.truth(0, "condition") ? "then_branch" : "else_branch";
  const branch = node.attribute?.find(({ name }) => name === taken)?.g ?? {};
  const given = (branch.output ?? []).length;
  const wanted = node.output ?? [];
  if (given !== wanted.length) {
    context.invalid(`its ${taken} has ${given} results, the node ${wanted.length}`);
  }
  const { state } = context;
  const names = resultNames(context, branch);
  const own = new Set(names.values());
  importBody(context, branch, importNode, [], names).forEach((value, i) => {
    if (wanted[i] === "" || (own.has(wanted[i]) && state.values.has(wanted[i]))) return;
    define(state, wanted[i], value.kind === "unknown" ? { kind: "unknown", name: wanted[i] } : value);
  });
  return true;
}

/** What a branch computes bears the name of the result that it is. */
function resultNames({ outputNames }: NodeContext, branch: OnnxGraph): Map<string, string> {
  const names = new Map<string, string>();
  const computed = new Set((branch.node ?? []).flatMap(({ output }) => output ?? []));
  (branch.output ?? []).forEach(({ name = "" }, i) => {
    if (computed.has(name) && outputNames[i] !== "" && !names.has(name)) names.set(name, outputNames[i]);
  });
  return names;
}
