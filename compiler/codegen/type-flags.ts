import { laneType } from "../ir/lane-type.ts";
import { operands, type VBlock, type VExpr, type VectorProc } from "../ir/vector.ts";

/** Flags that the C of a kernel needs for its types: i32 wraps around, where C says nothing of what becomes of a sum that is too large. */
export function typeFlags(proc: VectorProc): readonly string[] {
  return inBlock(proc.body) ? ["-fwrapv"] : [];
}

function inBlock(block: VBlock): boolean {
  return block.some((s) => {
    if (s.kind === "for" || s.kind === "if") return inBlock(s.body);
    return (s.kind === "let" || s.kind === "set" || s.kind === "store") && computesWhole(s.value);
  });
}

function computesWhole(e: VExpr): boolean {
  const operation = e.kind === "binary" || e.kind === "unary" || e.kind === "fma" || e.kind === "fms";
  return (operation && laneType(e) === "i32") || operands(e).some(computesWhole);
}
