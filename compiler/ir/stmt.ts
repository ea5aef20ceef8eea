import type { DType } from "./dtype.ts";
import type { Access, Cond, Expr } from "./expr.ts";

/**
 * Statements of a loop procedure.
 *
 * Semantics. Values are of the types of dtype.ts, and what is stored is of its buffer's; a block runs in order; a loop runs its body for
 * 0, 1, ..., extent-1 in order. `store` overwrites one element, `reduce` combines one element with
 * a value by an associative and commutative operation: schedules may reorder the combinations of one
 * element, so results agree up to the reassociation of sums (tolerance: report it with the length of
 * the reduction), while `max` is exact. A multiply feeding a `reduce add` may be contracted to a fused
 * multiply-add. Buffers never alias. Everything is static: extents are numbers.
 */
export type Stmt = ForStmt | AllocStmt | StoreStmt | ReduceStmt | IfStmt | PrefetchStmt;

/** Statements in order. */
export type Block = readonly Stmt[];

/** How a loop will be run; all modes mean the same. */
export type LoopMode = "serial" | "parallel" | "unroll" | "vector" | "instruction";

/**
 * `for axis of range(extent)`. A name denotes an iteration axis: after fission it appears on several
 * sibling loops, and a schedule step on the name takes all of them. Nested loops have distinct names.
 */
export interface ForStmt {
  readonly kind: "for";
  readonly axis: string;
  readonly extent: number;
  readonly mode: LoopMode;
  readonly body: Block;
  /** In the mode of that name: the one instruction that does what the loop and those inside mean. */
  readonly instruction?: string;
  /** A remark for whoever reads the printed loop; it means nothing. */
  readonly note?: string;
}

/** Where a local buffer lives: in vector registers (constant indices once unrolled) or on the stack. */
export type Memory = "register" | "stack";

/** A local buffer of the body; shape [] is a scalar. Contents start undefined. */
export interface AllocStmt {
  readonly kind: "alloc";
  readonly buffer: string;
  readonly shape: readonly number[];
  readonly memory: Memory;
  readonly dtype: DType;
  readonly body: Block;
}
export type StoreStmt = { readonly kind: "store"; readonly value: Expr } & Access;
export type ReduceOp = "add" | "max";
export type ReduceStmt = { readonly kind: "reduce"; readonly op: ReduceOp; readonly value: Expr } & Access;
export interface IfStmt {
  readonly kind: "if";
  readonly cond: Cond;
  readonly body: Block;
}

/** Asks for the memory of an element ahead of its use; it means nothing. `written`: the use is a write, so others must give it up. */
export type PrefetchStmt = { readonly kind: "prefetch"; readonly written?: true } & Access;

export function loop(axis: string, extent: number, body: Block, mode: LoopMode = "serial"): ForStmt {
  return { kind: "for", axis, extent, mode, body };
}
