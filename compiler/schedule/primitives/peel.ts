import { z } from "zod";
import { axisRanges } from "../../ir/axes.ts";
import type { Cond } from "../../ir/expr.ts";
import { decide, foldBlock } from "../../ir/fold.ts";
import { axis as axisIndex, combine, type Index, usesAxis } from "../../ir/index-expr.ts";
import type { LoopProc } from "../../ir/proc.ts";
import { walk, walkExpr } from "../../ir/rewrite.ts";
import { type Block, type ForStmt, loop, type Stmt } from "../../ir/stmt.ts";
import { count, knownName, newName } from "../fields.ts";
import { loopsNamed, rewriteBodies, rewriteLoops, substituteBlock, withBody } from "../loops.ts";
import { checkAxis, checkFresh, definePrimitive, refuse } from "../primitive.ts";

const schema = z.strictObject({
  op: z.literal("peel"),
  axis: knownName,
  /** Iterations taken off the front and off the end. */
  head: count,
  tail: count,
  /** Names of the loops made of them; absent: the axis keeps its name in all three. */
  into: z.tuple([newName, newName]).optional(),
});
export type PeelStep = Readonly<z.infer<typeof schema>>;

/**
 * Gives the first and the last iterations of a loop loops of their own. Conditions that only they need fold
 * away in the rest. Always legal: the order stays.
 *
 * ```ts before
 * for (const i of range(8)) { y[i] = i >= 1 ? x[i - 1] : 0; }
 * ```
 * ```ts after peel("i", { head: 1, into: ["i0", "i1"] })
 * for (const i0 of range(1)) { y[i0] = 0; }
 * for (const i of range(7)) { y[i + 1] = x[i]; }
 * ```
 */
export const peel = definePrimitive<PeelStep>({
  op: "peel",
  schema,
  check(proc, { axis, head, tail, into }) {
    const missing =
      checkAxis(proc, "peel", axis) ??
      (into === undefined ? undefined : checkFresh(proc, `peel \`${axis}\``, into));
    if (missing) return missing;
    const short = loopsNamed(proc.body, axis).find((l) => l.extent < head + tail);
    if (short === undefined) return undefined;
    return refuse(
      "S122",
      `cannot peel ${head + tail} iterations off \`${axis}\`: it has ${short.extent}`,
      `${head} at the front and ${tail} at the end`,
    );
  },
  apply(proc, { axis, head, tail, into: [first, last] = [axis, axis] }) {
    const ranges = new Map(axisRanges(proc.body));
    for (const name of [first, last]) ranges.set(name, ranges.get(axis) ?? { min: 0, max: 0 });
    const rewritten = rewriteLoops(proc.body, axis, (l): Block => {
      const part = (name: string, from: number, extent: number): Stmt[] => {
        const index = combine([[axisIndex(name), 1]], from);
        const body = substituteBlock(l.body, new Map([[axis, index]]), ranges);
        return extent === 0 ? [] : [loop(name, extent, body, l.mode)];
      };
      return [
        ...part(first, 0, head),
        ...part(axis, head, l.extent - head - tail),
        ...part(last, l.extent - tail, tail),
      ];
    });
    return rewriteBodies(withBody(proc, rewritten), undefined, (body) => foldBlock(body, new Map()));
  },
});

/**
 * How many iterations of a loop lie at a border: those before and after the longest run in which every
 * condition that depends on the loop is decided. What remains has no tests on it.
 */
export function bordersOf(proc: LoopProc, axis: string): { readonly head: number; readonly tail: number } {
  const found = loopsNamed(proc.body, axis).map((l) => borders(l, proc));
  return {
    head: Math.max(0, ...found.map((b) => b.head)),
    tail: Math.max(0, ...found.map((b) => b.tail)),
  };
}

function borders(l: ForStmt, proc: LoopProc): { readonly head: number; readonly tail: number } {
  const conds = conditionsOn(l.body, l.axis);
  const ranges = new Map(axisRanges(proc.body));
  let best = { from: 0, length: 0 };
  let from = 0;
  let before = "";
  for (let i = 0; i < l.extent; i++) {
    ranges.set(l.axis, { min: i, max: i });
    const state = conds.map((c) => decide(c, ranges)).join();
    const open = conds.some((c) => decide(c, ranges) === undefined);
    if (open || state !== before) from = open ? i + 1 : i;
    before = state;
    if (!open && i - from + 1 > best.length) best = { from, length: i - from + 1 };
  }
  if (best.length === 0) return { head: 0, tail: 0 };
  return { head: best.from, tail: l.extent - best.from - best.length };
}

/** Conditions below a loop that depend on its axis. */
function conditionsOn(block: Block, axis: string): Cond[] {
  const found: Cond[] = [];
  const uses = (i: Index): boolean => usesAxis(i, axis);
  const add = (c: Cond): void => {
    if (uses(c.lhs) || uses(c.rhs)) found.push(c);
  };
  walk(block, (s) => {
    if (s.kind === "if") add(s.cond);
    if (s.kind !== "store" && s.kind !== "reduce") return;
    walkExpr(s.value, (e) => {
      if (e.kind === "select") add(e.when);
    });
  });
  return found;
}
