import type { Expr } from "../ir/expr.ts";
import { coefficient, type Index } from "../ir/index-expr.ts";
import type { Machine } from "../ir/instruction.ts";
import type { Param } from "../ir/proc.ts";
import type { ForStmt } from "../ir/stmt.ts";
import { flatten } from "../ir/storage.ts";
import { substitute } from "../ir/substitute.ts";
import type { VExpr } from "../ir/vector.ts";
import { defined } from "../support/assert.ts";
import type { Logistics } from "./logistic.ts";
import type { Names } from "./names.ts";
import type { Lanes, RegisterFile } from "./register-file.ts";

/** What the selection of vector operations needs to know of its surroundings. */
export interface Scope extends Lanes {
  /** Parameters and local arrays: their name in C, how they lie in memory, and what they hold. */
  readonly memories: ReadonlyMap<string, Pick<Param, "name" | "storage" | "dtype">>;
  readonly registers: ReadonlyMap<string, RegisterFile>;
  /** Lanes of a vector loop; 1 where it is written out in scalars. */
  readonly widthOf: (l: ForStmt) => number;
  readonly machine: Machine | undefined;
  /** Lanes of the vector loop being turned into lanes. */
  readonly lanes: number;
  /** How often each local buffer was declared so far: unrolled code declares one again and again. */
  readonly declared: Map<string, number>;
  readonly names: Names;
  /** Loads that were turned into lanes of this loop before: statements of unrolled code have many in common. */
  readonly loads: Map<Expr, VExpr>;
  /** The scopes of vector loops by their axis and width, while local buffers are as they are. */
  readonly inLoops: Map<string, Scope>;
  readonly logistics: Logistics;
}

/** Where in memory an element lies. */
export function flat(buffer: string, at: readonly Index[], scope: Scope): Index {
  return flatten(defined(scope.memories.get(buffer), `storage of ${buffer}`).storage, at, scope.ranges);
}

export function nameInC(buffer: string, scope: Scope): string {
  return scope.memories.get(buffer)?.name ?? buffer;
}

/** Elements between neighbouring lanes; undefined when they are not evenly spaced. */
export function laneStride(index: Index, scope: Scope): number | undefined {
  return coefficient(index, scope.vector ?? "");
}

/** An address in the first lane. */
export function laneZero(index: Index, scope: Scope): Index {
  return scope.vector === undefined ? index : substitute(index, scope.first, scope.ranges);
}
