import { ITERATOR } from "./print.ts";
import type { LoopProc } from "./proc.ts";
import type { Block, Stmt } from "./stmt.ts";

/**
 * The loops of a procedure, one line each, for error messages:
 *
 *     for oc of range(64)
 *   >   for oh of range(56)
 *         acc[...] += ...
 *
 * @param marked axes whose loops get a `>` in the margin
 */
export function printLoopNest(proc: LoopProc, marked: readonly string[] = []): string {
  const margin = marked.length > 0 ? "  " : "";
  return listing(proc.body, 0)
    .map(({ depth, text, axis }) => {
      const head = axis !== undefined && marked.includes(axis) ? "> " : margin;
      return head + "  ".repeat(depth) + text;
    })
    .join("\n");
}

interface Line {
  readonly depth: number;
  readonly text: string;
  readonly axis?: string;
}

function listing(block: Block, depth: number): Line[] {
  return block.flatMap((stmt) => linesOf(stmt, depth));
}

function linesOf(stmt: Stmt, depth: number): Line[] {
  switch (stmt.kind) {
    case "for":
      return [
        { depth, text: `for ${stmt.axis} of ${ITERATOR[stmt.mode]}(${stmt.extent})`, axis: stmt.axis },
        ...listing(stmt.body, depth + 1),
      ];
    case "alloc":
      return listing(stmt.body, depth);
    case "if":
      return [{ depth, text: "if (...)" }, ...listing(stmt.body, depth + 1)];
    case "prefetch":
      return [{ depth, text: `prefetch(${target(stmt)})` }];
    case "store":
      return [{ depth, text: `${target(stmt)} = ...` }];
    case "reduce":
      return [{ depth, text: `${target(stmt)} ${stmt.op === "add" ? "+= ..." : "max= ..."}` }];
  }
}

function target({ buffer, at }: { readonly buffer: string; readonly at: readonly unknown[] }): string {
  return at.length === 0 ? buffer : `${buffer}[...]`;
}
