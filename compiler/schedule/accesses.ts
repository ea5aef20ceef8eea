import type { Cond, Expr } from "../ir/expr.ts";
import type { Index } from "../ir/index-expr.ts";
import type { Block, ReduceOp } from "../ir/stmt.ts";

/** A loop crossed on the way to a statement. */
export interface Around {
  readonly axis: string;
  readonly extent: number;
}

/** One touch of a buffer, with the loops between the block asked about and the statement. */
export interface TouchedAt {
  readonly buffer: string;
  readonly at: readonly Index[];
  readonly kind: "read" | "write" | ReduceOp;
  /** Loops from the outside in. */
  readonly loops: readonly Around[];
  /** Conditions under which it happens. */
  readonly conds: readonly Cond[];
}

/** Every access in a block. Accesses to buffers allocated inside the block are private and left out, unless asked for. */
export function accessesOf(block: Block, { privates = false } = {}): TouchedAt[] {
  const found: TouchedAt[] = [];
  const visit = (
    b: Block,
    loops: readonly Around[],
    conds: readonly Cond[],
    local: ReadonlySet<string>,
  ): void => {
    for (const s of b) {
      switch (s.kind) {
        case "for":
          visit(s.body, [...loops, s], conds, local);
          break;
        case "alloc":
          visit(s.body, loops, conds, privates ? local : new Set([...local, s.buffer]));
          break;
        case "if":
          visit(s.body, loops, [...conds, s.cond], local);
          break;
        case "prefetch":
          break;
        case "store":
        case "reduce":
          readsOf(s.value, conds, (buffer, at, under) => {
            if (!local.has(buffer)) found.push({ buffer, at, kind: "read", loops, conds: under });
          });
          if (!local.has(s.buffer)) {
            const kind = s.kind === "store" ? "write" : s.op;
            found.push({ buffer: s.buffer, at: s.at, kind, loops, conds });
          }
      }
    }
  };
  visit(block, [], [], new Set());
  return found;
}

/** Every load of an expression with the conditions under which it happens. */
function readsOf(
  e: Expr,
  conds: readonly Cond[],
  visit: (buffer: string, at: readonly Index[], conds: readonly Cond[]) => void,
): void {
  switch (e.kind) {
    case "load":
      visit(e.buffer, e.at, conds);
      return;
    case "binary":
      readsOf(e.lhs, conds, visit);
      readsOf(e.rhs, conds, visit);
      return;
    case "call":
      for (const arg of e.args) readsOf(arg, conds, visit);
      return;
    case "unary":
    case "convert":
      readsOf(e.value, conds, visit);
      return;
    case "select": {
      const opposite = negated(e.when);
      readsOf(e.then, [...conds, e.when], visit);
      readsOf(e.otherwise, opposite === undefined ? conds : [...conds, opposite], visit);
      return;
    }
    case "literal":
    case "table":
    case "index":
      return;
  }
}

function negated({ op, lhs, rhs }: Cond): Cond | undefined {
  return op === "eq" ? undefined : { op: op === "lt" ? "ge" : "lt", lhs, rhs };
}

/**
 * Whether two accesses may not change places when they touch the same element. Combinations by the same
 * operation commute; `strict` says that sums do not, because each order rounds differently.
 */
export function conflicting(a: TouchedAt, b: TouchedAt, strict: boolean): boolean {
  if (a.buffer !== b.buffer) return false;
  if (a.kind === "read" && b.kind === "read") return false;
  if (a.kind !== b.kind || a.kind === "write") return true;
  return strict && a.kind === "add";
}
