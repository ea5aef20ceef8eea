import { dependences, type VBlock, type VExpr, type VStmt } from "../ir/vector.ts";
import { arraysIn } from "./pointers.ts";
import { pressure } from "./pressure.ts";
import { storedIn } from "./straight-line.ts";

/**
 * Moves reads that are the same in every iteration out of a loop, innermost loops first, as long as the
 * loop still fits the registers. A read becomes movable when share-values gave it a name.
 */
export function hoistInvariantLoads(block: VBlock, registers: number): VBlock {
  return block.flatMap((s): VStmt[] => {
    if (s.kind === "if") return [{ ...s, body: hoistInvariantLoads(s.body, registers) }];
    if (s.kind !== "for") return [s];
    const body = hoistInvariantLoads(s.body, registers);
    const changing = new Set([...storedIn(body), ...arraysIn(body).map((array) => array.name)]);
    const candidates = body.filter((t) => t.kind === "let" && invariant(t.value, s.axis, changing));
    if (candidates.length === 0) return [{ ...s, body }];
    // a hoisted value is alive everywhere: move one after the other while the most crowded place has room
    const moved = new Set<VStmt>();
    let rest: VBlock = body;
    for (const c of candidates) {
      const next = rest.filter((t) => t !== c);
      if (pressure(next) > registers) continue;
      moved.add(c);
      rest = next;
    }
    return [...candidates.filter((c) => moved.has(c)).map(keepConstant), { ...s, body: rest }];
  });
}

/** A constant would be made anew in the loop: it is cheap to make, and the C compiler knows its value. */
function keepConstant(s: VStmt): VStmt {
  const constant = s.kind === "let" && s.value.kind === "splat" && s.value.value.kind === "literal";
  return constant ? { ...s, kept: true } : s;
}

/** Whether a value is the same in every iteration; `changing`: what the loop stores to, or makes itself. */
function invariant(value: VExpr, axis: string, changing: ReadonlySet<string>): boolean {
  const { axes, registers, buffers } = dependences(value);
  return !axes.has(axis) && registers.size === 0 && ![...buffers].some((buffer) => changing.has(buffer));
}
