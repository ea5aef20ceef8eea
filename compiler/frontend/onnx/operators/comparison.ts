import type { NodeContext } from "../node-context.ts";
import { type OperatorImporter, operator } from "../operator.ts";
import type { TensorValue } from "../value.ts";
import { TRUTH, unsure } from "../whole.ts";
import { emitElementwise, type Operand, operandOf } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { readsWhole, type WholeOperand, wholeOperand, wholeOperands } from "./whole-operand.ts";

const ABS = { fn: "abs", alpha: 0, beta: 0 } as const;

/** Which comparison of which operand with which. */
const COMPARISONS = [
  ["Equal", "equal", "a b"],
  ["Greater", "less", "b a"],
  ["GreaterOrEqual", "less-or-equal", "b a"],
  ["Less", "less", "a b"],
  ["LessOrEqual", "less-or-equal", "a b"],
] as const;

/** Truths of two tensors; of whole numbers of which one is NaN, it is NaN. */
const comparisons = COMPARISONS.map(
  ([type, fn, order]): OperatorImporter =>
    operator(type, (node) => {
      const whole = readsWhole(node) ? wholeOperands(node) : undefined;
      const [a, b]: readonly Operand[] = whole ?? [operandOf(node, 0), operandOf(node, 1)];
      const pair = order === "a b" ? ([a, b] as const) : ([b, a] as const);
      const doubtful = whole?.some((operand) => operand.whole.unsure);
      if (!doubtful) {
        emitElementwise(node, fn, pair, undefined, { whole: TRUTH });
        return;
      }
      const holds = emitElementwise(node, fn, pair, "holds");
      const none = node.emitHelper("none", functionOp("affine", 0), [distance(node, pair).name], holds.shape);
      emitElementwise(node, "add", [holds, none], undefined, { whole: unsure(TRUTH) });
    }),
);

function distance(node: NodeContext, pair: readonly [Operand, Operand]): TensorValue {
  return emitElementwise(node, "sub", pair, "distance");
}

/** Truths are 0 and 1: the least of two is 1 where both are. */
const LOGIC = [
  ["And", "min", undefined],
  ["Or", "max", undefined],
  ["Xor", "sub", ABS],
] as const;
const logic = LOGIC.map(
  ([type, fn, activation]): OperatorImporter =>
    operator(type, (node) => {
      const [a, b] = wholeOperands(node);
      if (a.whole.type !== "bool") node.invalid(`it combines ${a.whole.type}`);
      const whole = a.whole.unsure || b.whole.unsure ? unsure(TRUTH) : TRUTH;
      emitElementwise(node, fn, [a, b], undefined, { whole, ...(activation && { activation }) });
    }),
);

const not = operator("Not", (node) => {
  const x = truthOperand(node, 0);
  node.emit(functionOp("affine", -1, 1), [x.name], x.shape, x.whole);
});

function truthOperand(node: NodeContext, i: number): WholeOperand {
  const x = wholeOperand(node, i);
  return x.whole.type === "bool" ? x : node.invalid(`input \`${x.name}\` is ${x.whole.type}, not bool`);
}

const isNan = operator("IsNaN", (node) => {
  const x = node.tensor(0);
  node.emit(functionOp("is-nan"), [x.name], x.shape, TRUTH);
});

const isInf = operator("IsInf", (node, { detect_negative: negative, detect_positive: positive }) => {
  const x = node.tensor(0);
  node.emit(functionOp("is-infinite", Number(negative), Number(positive)), [x.name], x.shape, TRUTH);
});

export const comparisonOperators = [...comparisons, ...logic, not, isNan, isInf] as const;
