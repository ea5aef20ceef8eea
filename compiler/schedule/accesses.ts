import type { Expr } from "../ir/expr.ts";
import type { Index } from "../ir/index-expr.ts";
import { walkLoads } from "../ir/rewrite.ts";
import type { Block, ReduceOp } from "../ir/stmt.ts";

/** One touch of a buffer, with the loops between the block asked about and the statement. */
export interface TouchedAt {
  readonly buffer: string;
  readonly at: readonly Index[];
  readonly kind: "read" | "write" | ReduceOp;
  /** Loops from the outside in: axis and extent. */
  readonly loops: readonly { readonly axis: string; readonly extent: number }[];
}

/** Every access in a block. Accesses to buffers allocated inside the block are private and left out. */
export function accessesOf(block: Block): TouchedAt[] {
  const found: TouchedAt[] = [];
  const visit = (b: Block, loops: TouchedAt["loops"], local: ReadonlySet<string>): void => {
    const reads = (e: Expr): void =>
      walkLoads(e, (l) => {
        if (!local.has(l.buffer)) found.push({ buffer: l.buffer, at: l.at, kind: "read", loops });
      });
    for (const s of b) {
      switch (s.kind) {
        case "for":
          visit(s.body, [...loops, { axis: s.axis, extent: s.extent }], local);
          break;
        case "alloc":
          visit(s.body, loops, new Set([...local, s.buffer]));
          break;
        case "if":
          visit(s.body, loops, local);
          break;
        case "store":
        case "reduce":
          reads(s.value);
          if (!local.has(s.buffer)) {
            found.push({ buffer: s.buffer, at: s.at, kind: s.kind === "store" ? "write" : s.op, loops });
          }
      }
    }
  };
  visit(block, [], new Set());
  return found;
}

/** Whether two accesses may not change places when they touch the same element. */
export function conflicting(a: TouchedAt, b: TouchedAt): boolean {
  if (a.buffer !== b.buffer) return false;
  if (a.kind === "read" && b.kind === "read") return false;
  // combinations by the same operation commute
  return !(a.kind === b.kind && a.kind !== "write");
}
