import { dependences, type VBlock, type VExpr, type VStmt } from "../ir/vector.ts";
import { arraysIn } from "./pointers.ts";
import { crowding } from "./pressure.ts";
import { storedIn } from "./straight-line.ts";

type Let = Extract<VStmt, { readonly kind: "let" }>;

/**
 * Moves reads that are the same in every iteration out of a loop, innermost loops first, as long as the
 * loop still fits the registers. A read becomes movable when share-values gave it a name.
 * @param stays of a value that is cheaper where it is
 */
export function hoistInvariantLoads(
  block: VBlock,
  registers: number,
  stays: (value: VExpr) => boolean = () => false,
): VBlock {
  return block.flatMap((s): VStmt[] => {
    if (s.kind === "if") return [{ ...s, body: hoistInvariantLoads(s.body, registers, stays) }];
    if (s.kind !== "for") return [s];
    const body = hoistInvariantLoads(s.body, registers, stays);
    const changing = new Set([...storedIn(body), ...arraysIn(body).map((array) => array.name)]);
    const candidates = body.filter(
      (t): t is Let => t.kind === "let" && !stays(t.value) && invariant(t.value, s.axis, changing),
    );
    if (candidates.length === 0) return [{ ...s, body }];
    const moved = new Set<VStmt>(movable(body, candidates, registers));
    const rest = body.filter((t) => !moved.has(t));
    return [...[...moved].map(keepConstant), { ...s, body: rest }];
  });
}

/** A moved value is alive everywhere: one after the other goes while the most crowded place has room. */
function movable(body: VBlock, candidates: readonly Let[], registers: number): readonly Let[] {
  const { live, last } = crowding(body);
  let crowded = live;
  return candidates.filter((c) => {
    const from = body.indexOf(c);
    const to = last.get(c.name) ?? from;
    const used = to > from;
    const next = crowded.map((n, i) => (i === from ? 0 : used && (i < from || i > to) ? n + 1 : n));
    if (next.some((n) => n > registers)) return false;
    crowded = next;
    return true;
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
