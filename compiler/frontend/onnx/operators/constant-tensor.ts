import type { ConstantOp } from "../../../graph/graph.ts";
import type { Holding } from "../import-state.ts";
import type { ConstantValue, IntegersValue, KnownValue, TensorValue, Whole } from "../value.ts";
import { findInteger, wholeKnown } from "../whole.ts";

/** What of a node's context (node-context.ts) writes known values. */
export interface Writer {
  use(constant: ConstantValue, holding?: Holding): string;
  emitHelper(
    part: string,
    op: ConstantOp,
    inputs: readonly string[],
    shape: readonly number[],
    whole?: Whole,
  ): TensorValue;
  unsupported(why: string): never;
}

/** Known values as an activation beside others, written while the network runs. */
export function constantTensor(node: Writer, i: number, known: KnownValue): TensorValue {
  const { shape } = known;
  const constant = known.kind === "constant" ? known : wholeFloats(node, known);
  const whole = known.kind === "constant" ? undefined : wholeKnown(known);
  return node.emitHelper(
    `constant${i}`,
    { kind: "constant" },
    [node.use(constant, "infinite")],
    shape,
    whole,
  );
}

/** Known whole numbers in float32, which must hold them. */
export function wholeFloats(node: Pick<Writer, "unsupported">, known: IntegersValue): ConstantValue {
  const { name, shape, data } = known;
  if (wholeKnown(known) === undefined) {
    const wrong = findInteger(known, (v) => Math.fround(v) !== v);
    node.unsupported(`of ${wrong ?? "no numbers"} in \`${name}\`, which float32 does not hold exactly`);
  }
  return { kind: "constant", name, shape, data: new Float32Array(data) };
}
