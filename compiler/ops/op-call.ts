import type { OpName, SizesOf } from "./index.ts";
import type { OpCall } from "./op.ts";

/** Of the keys of what is given those that nobody takes. */
type Others<Given, Taken> = Given extends unknown ? Exclude<keyof Given, keyof Taken> : never;

/** A call by every size that the operator needs and none that it does not know, which the compiler checks. */
export function opCall<Op extends OpName, Given extends SizesOf<Op>>(
  op: Op,
  dims: Given & { readonly [Other in Others<Given, SizesOf<Op>>]: never },
): OpCall {
  return { op, dims };
}
