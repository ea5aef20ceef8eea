import type { Dims } from "../language/kernel.ts";
import type { OpDef } from "./op.ts";

/**
 * Multiply-adds that a call of an operator executes in all lanes; transforms of an algorithm are counted in as much. Not what
 * was asked for: channels that only fill vectors count.
 */
export function executedProducts({ macs, executes }: OpDef, d: Dims): number {
  if (executes === undefined) return macs(d);
  const { products, transforms } = executes(d);
  return products + transforms;
}
