import { NO_CLAMP } from "../../../graph/graph.ts";
import { rangeOfType } from "../integer-range.ts";
import type { NodeContext } from "../node-context.ts";
import type { IntegerType, TensorValue, Whole } from "../value.ts";
import { TRUTH, unsure } from "../whole.ts";
import { emitElementwise } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { exactly, fitted, wholeOperand } from "./whole-operand.ts";

/** Cast of an activation to whole numbers or truths. */
export function castToWhole(node: NodeContext, type: IntegerType): void {
  const x = node.activation(0);
  if (type === "bool") castToTruth(node, x);
  else if (x.whole === undefined) {
    const [lo, hi] = rangeOfType(type).map((end) => floatWithin(end));
    node.emit(functionOp("whole", lo, hi), [x.name], x.shape, clampedTo(node, x, { type, lo, hi }));
  } else retype(node, { ...x, whole: x.whole }, type);
}

/** What becomes of floats: where a clamp holds them, all is known of those that are numbers, and ONNX says nothing of others. */
function clampedTo(node: NodeContext, x: TensorValue, whole: Whole): Whole {
  const clamp = node.state.producers.get(x.name)?.op;
  if (clamp?.kind !== "clamp") return unsure(whole);
  const [lo, hi] = [clamp.clamp.lo, clamp.clamp.hi].map((end) => Math.trunc(end) + 0);
  return lo >= whole.lo && hi <= whole.hi ? { ...whole, lo, hi } : unsure(whole);
}

/** A type's own end, or the next float32 inside: what a float becomes beyond it ONNX does not say. */
function floatWithin(end: number): number {
  const near = Math.fround(end);
  return Math.abs(near) > Math.abs(end) ? near * (1 - 2 ** -24) : near;
}

function castToTruth(node: NodeContext, x: TensorValue): void {
  if (x.whole?.type === "bool") {
    node.become(x);
    return;
  }
  if (!x.whole?.unsure) {
    node.emit(functionOp("truth"), [x.name], x.shape, TRUTH);
    return;
  }
  const holds = node.emitHelper("holds", functionOp("truth"), [x.name], x.shape);
  const none = node.emitHelper("none", functionOp("affine", 0), [x.name], x.shape);
  emitElementwise(node, "add", [holds, none], undefined, { whole: unsure(TRUTH) });
}

/** The same numbers where the type holds them, else as C converts them; beyond what is exact NaN. */
function retype(node: NodeContext, x: TensorValue & { readonly whole: Whole }, type: IntegerType): void {
  const [least, most] = rangeOfType(type);
  const { lo, hi } = x.whole;
  if (least <= lo && hi <= most) {
    node.become({ ...x, whole: { ...x.whole, type } });
    return;
  }
  const exact = exactly(node, wholeOperand(node, 0));
  const { activation, whole } = fitted({ ...exact.whole, type });
  if (activation === undefined)
    node.become({ kind: "tensor", name: exact.name, shape: x.shape, ...(whole && { whole }) });
  else node.emit({ kind: "activation", activation, clamp: NO_CLAMP }, [exact.name], x.shape, whole);
}
