import type { Dims } from "../language/kernel.ts";
import type { OpName, SizesOf } from "./index.ts";

/** An operator with its sizes bound. */
export interface OpCall {
  /** Name of an operator in compiler/ops/index.ts. */
  readonly op: string;
  /** Compile-time constants of the kernel: extents, strides, flags. */
  readonly dims: Dims;
}

/** Of the keys of what is given those that nobody takes. */
type Others<Given, Taken> = Given extends unknown ? Exclude<keyof Given, keyof Taken> : never;

/** A call by every size that the operator needs and none that it does not know, which the compiler checks. */
export function opCall<Op extends OpName, Given extends SizesOf<Op>>(
  op: Op,
  dims: Given & { readonly [Other in Others<Given, SizesOf<Op>>]: never },
): OpCall {
  return { op, dims };
}
