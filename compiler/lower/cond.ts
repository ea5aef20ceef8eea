import type { Cond } from "../ir/expr.ts";
import { usesAxis } from "../ir/index-expr.ts";
import { invariant } from "../support/assert.ts";

/** A condition must be the same for all lanes; the check of `vectorize` sees to it. */
export function isCondScalar(cond: Cond, vector: string | undefined): void {
  if (vector === undefined) return;
  invariant(
    !usesAxis(cond.lhs, vector) && !usesAxis(cond.rhs, vector),
    `condition depends on the lanes of ${vector}`,
  );
}
