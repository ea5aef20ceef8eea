import { type ImportNode, importBody } from "./import-body.ts";
import { define } from "./import-state.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import type { NodeContext } from "./node-context.ts";
import { constantTensor } from "./operators/constant-tensor.ts";
import { choiceOf } from "./operators/where.ts";
import { materialized } from "./padded.ts";
import {
  elementCount,
  isKnown,
  sameShape,
  shapeText,
  type TensorValue,
  type UnknownValue,
  type Value,
} from "./value.ts";

/**
 * If (opset 1). On a condition that is known the nodes of the branch taken stand in its place; results get the names that the If gives
 * them. Else both branches are computed, and the condition chooses.
 */
export function importBranch(context: NodeContext, node: OnnxNode, importNode: ImportNode): boolean {
  const condition = context.value(0);
  if (condition.kind === "tensor") {
    chooseBranch(context, node, condition, importNode);
    return true;
  }
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

/** Results of both branches, of which a condition takes one. Nothing that a branch computes may end the run, as it may not be taken. */
function chooseBranch(
  context: NodeContext,
  node: OnnxNode,
  condition: TensorValue,
  importNode: ImportNode,
): void {
  const { state } = context;
  if (elementCount(condition.shape) !== 1 || condition.whole?.type !== "bool")
    context.invalid(
      `its condition is ${condition.whole?.type ?? "float32"} of ${shapeText(condition.shape)}`,
    );
  if (condition.whole.unsure) context.unsupported("its condition may be lost");
  const before = state.nodes.length;
  const [taken, other] = ["then_branch", "else_branch"].map((name) =>
    importBody(context, node.attribute?.find((each) => each.name === name)?.g ?? {}, importNode),
  );
  if (taken.length !== context.outputNames.length || other.length !== taken.length)
    context.invalid(`its branches have ${taken.length} and ${other.length} results`);
  if (state.nodes.slice(before).some(({ op }) => op.kind === "check"))
    context.unsupported("a branch chooses elements by indices that may be outside where it is not taken");
  const scalar = context.emitHelper("condition", { kind: "reshape" }, [condition.name], [], condition.whole);
  context.outputNames.forEach((name, i) => {
    if (name === "") return;
    const [a, b] = [taken[i], other[i]];
    if (a.kind === "unknown" || b.kind === "unknown") define(state, name, { kind: "unknown", name });
    else chooseResult(context, i, scalar, a, b);
  });
}

function chooseResult(
  context: NodeContext,
  i: number,
  condition: TensorValue,
  ...branches: readonly [Exclude<Value, UnknownValue>, Exclude<Value, UnknownValue>]
): void {
  const [a, b] = branches.map((value): TensorValue => {
    if (isKnown(value)) return constantTensor(context, i, value);
    return value.kind === "padded" ? materialized(context.state, value) : value;
  });
  if (!sameShape(a.shape, b.shape))
    context.unsupported(
      `its branches give ${shapeText(a.shape)} and ${shapeText(b.shape)}: which is not known before it runs`,
    );
  if (a.whole?.type !== b.whole?.type)
    context.invalid(`it chooses between ${a.whole?.type ?? "float32"} and ${b.whole?.type ?? "float32"}`);
  context.emitResult(i, ...choiceOf(context, condition, a, b));
}
