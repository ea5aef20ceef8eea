import { mergedRank } from "../../../graph/merged-axes.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { shapeText, type TensorValue } from "../value.ts";
import { joined, unsure } from "../whole.ts";
import { alignedTo, broadcastShape, MOST_AXES } from "./broadcast.ts";

/** Where: one of two tensors by a condition, all spread over each other. */
const where = operator("Where", (node) => {
  const [condition, a, b] = [0, 1, 2].map((i) => node.activation(i));
  if (condition.whole?.type !== "bool")
    node.invalid(`its condition is ${condition.whole?.type ?? "float32"}`);
  if (a.whole?.type !== b.whole?.type) {
    node.invalid(`it chooses between ${a.whole?.type ?? "float32"} and ${b.whole?.type ?? "float32"}`);
  }
  emitWhere(node, condition, a, b);
});

/** The node's result: `a` where the condition holds, else `b`. */
export function emitWhere(node: NodeContext, condition: TensorValue, a: TensorValue, b: TensorValue): void {
  node.emit(...choiceOf(node, condition, a, b));
}

/** A choice, as it is emitted. */
export function choiceOf(
  node: NodeContext,
  condition: TensorValue,
  a: TensorValue,
  b: TensorValue,
): Parameters<NodeContext["emit"]> {
  const operands = [condition, a, b];
  const shape = broadcastShape(node, operands);
  const aligned = operands.map((operand) => alignedTo(node, operand, shape.length));
  if (shape.length !== 4 && mergedRank([...aligned.map((operand) => operand.shape), shape]) > MOST_AXES) {
    node.unsupported(
      `of ${operands.map((operand) => shapeText(operand.shape)).join(" over ")}: too many axes`,
    );
  }
  const doubtful = condition.whole?.unsure;
  const whole = a.whole && b.whole && joined([a.whole, b.whole]);
  return [
    { kind: "where", ...(doubtful && { unsure: true as const }) },
    aligned.map(({ name }) => name),
    shape,
    whole && doubtful ? unsure(whole) : whole,
  ];
}

export const whereOperators = [where] as const;
