import { rangeOfType } from "../integer-range.ts";
import type { NodeContext } from "../node-context.ts";
import type { ConstantValue, IntegerType, TensorValue, Whole } from "../value.ts";
import { EXACT, unsure, wholeKnown } from "../whole.ts";
import type { Ending } from "./broadcast.ts";
import { wholeFloats } from "./constant-tensor.ts";
import { functionOp } from "./function-op.ts";

/** Whole numbers as an operator of several tensors takes them. */
export type WholeOperand = (TensorValue | ConstantValue) & { readonly whole: Whole };

/** Input i, where it holds whole numbers or truths; undefined for floats. */
export function findWhole(node: NodeContext, i: number): WholeOperand | undefined {
  const value = node.value(i);
  if (value.kind === "integers") {
    const constant = wholeFloats(node, value);
    return { ...constant, whole: wholeKnown(value) ?? { type: value.type, lo: 0, hi: 0 } };
  }
  if (value.kind !== "tensor" || value.whole === undefined) return undefined;
  return { ...value, whole: value.whole };
}

/** Input i of an operator of whole numbers. */
export function wholeOperand(node: NodeContext, i: number): WholeOperand {
  return findWhole(node, i) ?? node.unsupported(`input \`${node.value(i).name}\` is no whole numbers`);
}

/** All inputs, of one type. */
export function wholeOperands(node: NodeContext): readonly WholeOperand[] {
  const all = Array.from({ length: node.inputCount }, (_, i) => wholeOperand(node, i));
  const [{ whole }] = all;
  const other = all.find((operand) => operand.whole.type !== whole.type);
  if (other !== undefined) node.invalid(`it combines ${whole.type} and ${other.whole.type}`);
  return all;
}

/** Whether any input holds whole numbers. */
export function readsWhole(node: NodeContext): boolean {
  return Array.from({ length: node.inputCount }, (_, i) => i).some((i) => {
    if (node.inputName(i) === "") return false;
    const value = node.value(i);
    return value.kind === "integers" || (value.kind === "tensor" && value.whole !== undefined);
  });
}

/** An operand whose numbers float32 tells apart, those beyond as NaN. */
export function exactly(node: NodeContext, operand: WholeOperand): WholeOperand {
  const { whole } = operand;
  if (Math.max(-whole.lo, whole.hi) <= EXACT) return operand;
  if (operand.kind === "constant") return node.unsupported(`of \`${operand.name}\`, beyond ${EXACT}`);
  const { lo, hi } = heldRange(whole.type);
  const held = unsure({ type: whole.type, lo: Math.max(lo, whole.lo), hi: Math.min(hi, whole.hi) });
  const exact = node.emitHelper("exact", functionOp("held", lo, hi), [operand.name], operand.shape, held);
  return { ...exact, whole: held };
}

function heldRange(type: IntegerType): { readonly lo: number; readonly hi: number } {
  const [least, most] = rangeOfType(type);
  return { lo: Math.max(least, 1 - EXACT), hi: Math.min(most, EXACT - 1) };
}

/**
 * The end of a computation of exact numbers whose result lies from lo to hi: as it is where the type holds that; types of up to 16
 * bits wrap around, as they do; of others what float32 may have rounded is NaN.
 */
export function fitted({ type, lo, hi, ...more }: Whole): Ending {
  const [least, most] = rangeOfType(type);
  const exact = Math.max(-lo, hi) <= EXACT;
  if (exact && least <= lo && hi <= most) return { whole: { type, lo, hi, ...more } };
  if (exact && most < EXACT) {
    const activation = { fn: "wrap", alpha: least, beta: most - least + 1 } as const;
    return { activation, whole: { type, lo: least, hi: most, ...more } };
  }
  const held = heldRange(type);
  return {
    activation: { fn: "held", alpha: held.lo, beta: held.hi },
    whole: unsure({ type, lo: Math.max(held.lo, lo), hi: Math.min(held.hi, hi) }),
  };
}

/** What sums of so many numbers hold; refused where one may be rounded on the way. */
export function summedRange(node: NodeContext, whole: Whole, count: number): Whole {
  const range = { ...whole, lo: Math.min(0, whole.lo * count), hi: Math.max(0, whole.hi * count) };
  if (Math.max(-range.lo, range.hi) > EXACT) {
    node.unsupported(
      `of ${count} ${whole.type} from ${whole.lo} to ${whole.hi}: sums beyond ${EXACT} are not exact`,
    );
  }
  return range;
}
