import { UserError } from "../../support/diagnostic.ts";
import { checkSignature } from "./check-signature.ts";
import { checkFloats } from "./checks.ts";
import { importBranch } from "./import-branch.ts";
import { importLoop } from "./import-loop.ts";
import { importScan } from "./import-scan.ts";
import { SEQUENCES } from "./import-sequence.ts";
import type { ImportState } from "./import-state.ts";
import type { OnnxNode } from "./model.ts";
import { makeNodeContext, type NodeContext, UnsupportedNode } from "./node-context.ts";
import type { Outcome } from "./node-record.ts";
import { attributesText, type OperatorImporter } from "./operator.ts";
import { findEvaluator, findOperator } from "./operators/index.ts";
import { presumedShape } from "./presumed-shapes.ts";
import { checkKnown } from "./selected.ts";
import { isKnown } from "./value.ts";
import { findWrittenOut, importWrittenOut } from "./written-out/import-written-out.ts";

/**
 * One node: computed at once where all it reads is known, else emitted. What cannot be expressed is noted; the nodes behind it are
 * looked at as far as the shape of its result is known, and what they compute is unknown otherwise.
 */
export function importNode(state: ImportState, node: OnnxNode): void {
  const context = makeNodeContext(state, node);
  const before = new Set(state.nodes.slice(-1));
  const count = state.nodes.length;
  const record = (outcome: Outcome, why?: string): void => {
    // the last node may have been replaced by one that does its work, too
    const from = state.nodes.findLastIndex((emitted) => before.has(emitted));
    const emitted = state.nodes.slice(from < 0 ? Math.max(count - 1, 0) : from + 1);
    state.records.push({ node, name: context.name, outcome, emitted, ...(why !== undefined && { why }) });
  };
  try {
    const outcome = express(context, node);
    if (outcome === "behind") setUnknown(state, node);
    record(outcome);
  } catch (error) {
    // shapes behind a refused node are guesses: what does not fit them says nothing of the file
    const guessed = error instanceof UserError && state.records.some(({ outcome }) => outcome === "refused");
    if (guessed) {
      record("behind");
      setUnknown(state, node);
      return;
    }
    if (!(error instanceof UnsupportedNode)) throw error;
    record("refused", error.message);
    presume(state, node);
  }
}

/** Operators whose graphs may stand in their place, and what is done with lists of values. */
const INLINED: Readonly<Record<string, typeof importBranch | undefined>> = {
  If: importBranch,
  Loop: importLoop,
  Scan: importScan,
  ...SEQUENCES,
};

function express(context: NodeContext, node: OnnxNode): Outcome {
  const { state } = context;
  const found = supported(context, node);
  if (readsUnknown(state, node)) return "behind";
  const given = context.outputNames.filter((name) => name !== "");
  const inline = INLINED[context.operator];
  if (inline?.(context, node, importNode)) return "inlined";
  const writtenOut = findWrittenOut(node.domain ?? "", context.operator);
  if (writtenOut !== undefined) {
    importWrittenOut(context, node, writtenOut, importNode);
    return "inlined";
  }
  const evaluator = readsKnown(state, node) ? findEvaluator(context.operator) : undefined;
  (evaluator ?? found).run(context, node.attribute ?? []);
  checkFloats(context);
  checkKnown(context);
  if (given.every((name) => isKnown(state.values.get(name)))) return "folded";
  return given.some((name) => state.producers.has(name)) ? "compiled" : "passed";
}

/** The node's operator in a form that can be read; whether it can be compiled hangs on its inputs. */
function supported(context: NodeContext, node: OnnxNode): OperatorImporter {
  const attributes = node.attribute ?? [];
  const found = findOperator(node.domain ?? "", context.operator);
  if (context.state.functions.has(functionKey(node.domain, context.operator))) {
    context.unsupported("a function of the file itself: export the model with functions inlined");
  }
  if (found === undefined) {
    const text = attributes.length === 0 ? "" : `, ${attributesText(attributes)}`;
    return context.unsupported(`unknown operator${text}`);
  }
  checkSignature(context, found.signature, node);
  return found;
}

/** Functions that the file defines go before operators of their name. */
export function functionKey(domain: string | undefined, name: string | undefined): string {
  return `${domain === "ai.onnx" ? "" : (domain ?? "")}:${name ?? ""}`;
}

function readsUnknown(state: ImportState, node: OnnxNode): boolean {
  return (node.input ?? []).some((input) => state.values.get(input)?.kind === "unknown");
}

function readsKnown(state: ImportState, node: OnnxNode): boolean {
  const names = (node.input ?? []).filter((name) => name !== "");
  return names.length > 0 && names.every((name) => isKnown(state.values.get(name)));
}

/** A handler may have given them a value before it was refused. */
function setUnknown(state: ImportState, node: OnnxNode): void {
  for (const output of node.output ?? []) {
    if (output !== "") state.values.set(output, { kind: "unknown", name: output });
  }
}

function presume(state: ImportState, node: OnnxNode): void {
  setUnknown(state, node);
  const [name] = node.output ?? [];
  const shape = presumedShape(node, state.stated, state.values);
  if (name === undefined || name === "" || shape === undefined) return;
  state.values.set(name, { kind: "tensor", name, shape });
  state.tensors.set(name, { name, shape });
}
