import type { NodeContext } from "./node-context.ts";
import type { Whole } from "./value.ts";
import { joined } from "./whole.ts";

/**
 * A node whose operator only moves elements: they may be of any type, which its results have, too. `known`: what they hold, where it is
 * known before an input is asked for.
 */
export function moving(node: NodeContext, known?: Whole): NodeContext {
  let moved = known;
  let asked = false;
  const tensor: NodeContext["tensor"] = (i) => {
    const x = node.activation(i);
    if (asked && x.whole?.type !== moved?.type) {
      node.invalid(`it joins ${moved?.type ?? "float32"} and ${x.whole?.type ?? "float32"}`);
    }
    moved = moved && x.whole ? joined([moved, x.whole]) : x.whole;
    asked = true;
    return x;
  };
  return {
    ...node,
    tensor,
    emit: (op, inputs, shape, whole = moved) => node.emit(op, inputs, shape, whole),
    emitResult: (i, op, inputs, shape, whole = moved) => node.emitResult(i, op, inputs, shape, whole),
    emitHelper: (part, op, inputs, shape, whole = moved) => node.emitHelper(part, op, inputs, shape, whole),
  };
}
