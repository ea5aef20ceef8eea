import type { Clamp } from "../../../graph/graph.ts";
import { optionalFloat } from "../attributes.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";

/** Relu, opset 6 to 21. */
const relu = operator("Relu", {}, (node) => emitClamp(node, { lo: 0, hi: Number.POSITIVE_INFINITY }));

/** Clip: bounds are attributes before opset 11, scalar inputs from 11 on; an absent bound does not bound. */
const clip = operator("Clip", { min: optionalFloat(), max: optionalFloat() }, (node, { min, max }) => {
  const lo = min ?? bound(node, 1, "min") ?? Number.NEGATIVE_INFINITY;
  const hi = max ?? bound(node, 2, "max") ?? Number.POSITIVE_INFINITY;
  if (Number.isNaN(lo) || Number.isNaN(hi)) node.invalid("a bound is NaN");
  emitClamp(node, { lo, hi });
});

function bound(node: NodeContext, input: number, what: string): number | undefined {
  return node.optional(input) === undefined ? undefined : node.constant(input, what).data[0];
}

function emitClamp(node: NodeContext, clamp: Clamp): void {
  const x = node.tensor(0);
  if (clamp.lo === Number.NEGATIVE_INFINITY && clamp.hi === Number.POSITIVE_INFINITY) node.become(x);
  else node.emit({ kind: "clamp", clamp }, [x.name], x.shape);
}

export const activationOperators = [relu, clip] as const;
