import { BYTES, type DType } from "../ir/dtype.ts";
import { typeOf } from "../ir/expr.ts";
import { instructionNamed, type Machine } from "../ir/instruction.ts";
import { walk, walkExpr } from "../ir/rewrite.ts";
import type { ForStmt } from "../ir/stmt.ts";
import { hasVectors, lanesOf } from "../machine/isa-rows.ts";
import type { Isa } from "../machine/target.schema.ts";

/**
 * Lanes of a vector loop: elements of a register of the largest type in it, and of smaller types as many, which fill a part of one.
 * Of one that is an instruction: elements of what that writes. 1 where it is written out in scalars: its iterations fill no whole vectors, or the instruction set has f32 vectors only.
 */
export function vectorWidth(l: ForStmt, isa: Isa, machine: Machine | undefined): number {
  if (l.instruction !== undefined) return instructionNamed(machine, l.instruction)?.operands[0].lanes ?? 1;
  const types = [...typesIn(l)];
  const largest = types.reduce((a, b) => (BYTES[b] > BYTES[a] ? b : a));
  const filling = lanesOf(isa, largest);
  const alike = types.every((t) => hasVectors(isa, t, isa.lanes));
  // where there are pairs of registers, larger types have the lanes of the others
  const lanes = alike ? Math.max(filling, isa.lanes) : filling;
  const none = isa.vectorTypes === undefined && types.some((t) => !hasVectors(isa, t, lanes));
  if (!none && l.extent % lanes === 0) return lanes;
  // a copy takes as many small numbers as there would be floats
  return alike && copies(l) && l.extent % isa.lanes === 0 ? isa.lanes : 1;
}

function copies({ body }: ForStmt): boolean {
  return body.every((s) => s.kind === "store" && s.value.kind === "load");
}

function typesIn(l: ForStmt): ReadonlySet<DType> {
  const types = new Set<DType>();
  walk(l.body, (s) => {
    if (s.kind === "store" || s.kind === "reduce") walkExpr(s.value, (e) => types.add(typeOf(e)));
  });
  return types.size === 0 ? new Set(["f32"]) : types;
}
