import { coefficient, combine, type Index, sameIndex, ZERO } from "../ir/index-expr.ts";
import { instructionNamed, type Operand } from "../ir/instruction.ts";
import { matchInstruction, type Place } from "../ir/match-instruction.ts";
import type { ForStmt, Stmt } from "../ir/stmt.ts";
import { substitute } from "../ir/substitute.ts";
import type { VExpr, VStmt } from "../ir/vector.ts";
import { defined, invariant } from "../support/assert.ts";
import { UserError } from "../support/diagnostic.ts";
import { notBeside } from "./lane-errors.ts";
import { firstLane, registerAt } from "./register-file.ts";
import { flat, nameInC, type Scope } from "./vector-scope.ts";

/** A nest that is one instruction: its operands loaded whole, or taken from registers. */
export function convertInstruction(nest: ForStmt, scope: Scope): VStmt {
  const instruction = defined(instructionNamed(scope.machine, nest.instruction), `${nest.instruction}`);
  const match = matchInstruction(nest, instruction);
  invariant(typeof match !== "string", `the loops of ${instruction.name} are not what it means`);
  const { places, loops } = match;
  const inside = new Map(scope.ranges);
  for (const l of loops) inside.set(l.axis, { min: 0, max: l.extent - 1 });
  const lanes = { vector: nest.axis, first: firstLane(nest.axis), ranges: inside };
  /** Where an operand begins whose element lies at a place. */
  const beginOf = ({ access, at }: Place, o: Operand): Index => {
    const index = flat(access.buffer, access.at, { ...scope, ranges: inside });
    for (const { axis } of loops) {
      const found = coefficient(index, axis);
      const wanted = coefficient(at, axis);
      if (found !== wanted)
        throw new UserError(notBeside(instruction, o, access.buffer, { axis, found, wanted }));
    }
    const first = substitute(index, new Map(loops.map((l) => [l.axis, ZERO])), inside);
    return combine([[first, 1]], -at.offset);
  };
  const operand = (o: Operand, writes: boolean): VExpr & { readonly kind: "register" | "load" } => {
    const [place, ...others] = defined(places.get(o.name), o.name);
    const { access } = place;
    const { name: _, ...shape } = o;
    const file = scope.registers.get(access.buffer);
    if (file !== undefined) {
      // copies are loaded, and of several places nothing says that they are one register's
      if (others.length > 0 || o.registers !== undefined)
        throw new UserError(notBeside(instruction, o, access.buffer));
      return { kind: "register", name: registerAt(file, access.at, lanes, writes), ...shape };
    }
    const begin = beginOf(place, o);
    if (others.some((other) => !sameIndex(beginOf(other, o), begin)))
      throw new UserError(notBeside(instruction, o, access.buffer));
    return { kind: "load", buffer: nameInC(access.buffer, scope), at: begin, ...shape };
  };
  const [written, ...read] = instruction.operands;
  const to = operand(written, true);
  const { kind } = nestStatement(nest);
  const args = [...(kind === "reduce" ? [to] : []), ...read.map((o) => operand(o, false))];
  const value: VExpr = { kind: "instruction", instruction, lanes: written.lanes, args };
  return to.kind === "register"
    ? { kind: "set", name: to.name, lanes: to.lanes, value }
    : { kind: "store", buffer: to.buffer, at: to.at, lanes: to.lanes, value };
}

function nestStatement(s: Stmt): Stmt {
  return s.kind === "for" ? nestStatement(s.body[0]) : s;
}
