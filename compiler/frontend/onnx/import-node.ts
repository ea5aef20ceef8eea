import { checkSignature } from "./check-signature.ts";
import { importBranch } from "./import-branch.ts";
import type { ImportState } from "./import-state.ts";
import type { OnnxNode } from "./model.ts";
import { makeNodeContext, type NodeContext, UnsupportedNode } from "./node-context.ts";
import { attributesText } from "./operator.ts";
import { findEvaluator, findOperator } from "./operators/index.ts";
import { namesRead } from "./subgraphs.ts";
import { isKnown } from "./value.ts";

/**
 * One node: computed at once where all it reads is known, else emitted. What cannot be expressed is noted, and its results are
 * unknown to the nodes behind it.
 */
export function importNode(state: ImportState, node: OnnxNode): void {
  const attributes = node.attribute ?? [];
  const context: NodeContext = makeNodeContext(state, node);
  const domain = node.domain && node.domain !== "ai.onnx" ? `${node.domain}.` : "";
  const found = findOperator(node.domain ?? "", context.operator);
  try {
    if (state.functions.has(functionKey(node.domain, context.operator))) {
      context.unsupported("a function of the file itself: export the model with functions inlined");
    }
    if (found === undefined) {
      const text = attributes.length === 0 ? "" : `, ${attributesText(attributes)}`;
      context.unsupported(`unknown operator${text}`);
    }
    checkSignature(context, found.signature, node);
    if (readsUnknown(state, node)) {
      state.behind.push(context.name);
      markUnknown(state, node);
      return;
    }
    const evaluator = readsKnown(state, node) ? findEvaluator(context.operator) : undefined;
    if (context.operator === "If" && importBranch(context, node, importNode)) return;
    (evaluator ?? found).run(context, attributes);
  } catch (error) {
    if (!(error instanceof UnsupportedNode)) throw error;
    state.unsupported.push({
      node: context.name,
      operator: `${domain}${context.operator}`,
      why: error.message,
    });
    markUnknown(state, node);
  }
}

/** Functions that the file defines go before operators of their name. */
export function functionKey(domain: string | undefined, name: string | undefined): string {
  return `${domain === "ai.onnx" ? "" : (domain ?? "")}:${name ?? ""}`;
}

function readsUnknown(state: ImportState, node: OnnxNode): boolean {
  return (node.input ?? []).some((input) => state.values.get(input)?.kind === "unknown");
}

function readsKnown(state: ImportState, node: OnnxNode): boolean {
  const names = namesRead(node);
  return names.length > 0 && names.every((name) => isKnown(state.values.get(name)));
}

/** A handler may have given them a value before it was refused. */
function markUnknown(state: ImportState, node: OnnxNode): void {
  for (const output of node.output ?? []) {
    if (output !== "") state.values.set(output, { kind: "unknown", name: output });
  }
}
