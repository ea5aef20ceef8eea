import { axesOf, coefficient, type Index } from "../ir/index-expr.ts";
import { laneType } from "../ir/lane-type.ts";
import { indicesOf, operands, type VBlock, type VExpr, type VectorProc, type VStmt } from "../ir/vector.ts";

/**
 * Flags without which the C of a kernel may be compiled to something else than it means. i32 wraps around, where C says nothing of
 * what becomes of a sum that is too large. Of loops that read backwards gcc 12 makes wrong vectors where it sums what a local
 * array holds: of 96 such loops it had 5 wrong on x86, of as many forwards none, and of either none on Arm. Vectors that are
 * worth it are a schedule's.
 */
export function neededFlags({ body }: VectorProc): readonly string[] {
  return [
    ...(somewhere(body, wraps) ? ["-fwrapv"] : []),
    ...(somewhere(body, goesBackwards) ? ["-fno-tree-vectorize"] : []),
  ];
}

function somewhere(block: VBlock, is: (s: VStmt) => boolean): boolean {
  return block.some((s) => is(s) || ((s.kind === "for" || s.kind === "if") && somewhere(s.body, is)));
}

function wraps(s: VStmt): boolean {
  return (s.kind === "let" || s.kind === "set" || s.kind === "store") && computesWhole(s.value);
}

function computesWhole(e: VExpr): boolean {
  const operation = e.kind === "binary" || e.kind === "unary" || e.kind === "fma" || e.kind === "fms";
  return (operation && laneType(e) === "i32") || operands(e).some(computesWhole);
}

function goesBackwards(s: VStmt): boolean {
  if (s.kind === "pointer") return isBackward(s.at);
  if (s.kind === "store") return isBackward(s.at) || loadsBackwards(s.value);
  return (s.kind === "let" || s.kind === "set") && loadsBackwards(s.value);
}

function loadsBackwards(e: VExpr): boolean {
  return (e.kind === "load" && indicesOf(e).some(isBackward)) || operands(e).some(loadsBackwards);
}

/** Whether an address falls as a loop goes on. */
function isBackward(at: Index): boolean {
  return [...axesOf(at)].some((axis) => (coefficient(at, axis) ?? 0) < 0);
}
