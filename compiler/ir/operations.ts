import type { Index } from "./index-expr.ts";

/**
 * A binary operation on values; `div` is IEEE division. `min` and `max` keep NaN: the result is NaN where either operand is
 * (Math.max, NEON's fmax; not C's fmaxf). Of two zeros either may be the result, whatever its sign. Targets without such an
 * instruction compare, and ask whether the second operand is NaN: lowering puts a literal there, of which they know.
 */
export type BinaryOp = "add" | "sub" | "mul" | "div" | "min" | "max";
/** A function of one value: of f32 as in C's math library; `wrapI16` of i32 what is left of it in 16 bits, with their sign. */
export type UnaryOp = "neg" | "exp" | "sqrt" | "tanh" | "wrapI16";

/** A comparison of two addresses. */
export interface Cond {
  readonly op: "lt" | "ge" | "eq";
  readonly lhs: Index;
  readonly rhs: Index;
}
