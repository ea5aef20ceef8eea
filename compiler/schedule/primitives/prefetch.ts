import { z } from "zod";
import {
  axis as axisIndex,
  combine,
  constant,
  divMod,
  type Index,
  scale,
  subtract,
} from "../../ir/index-expr.ts";
import type { Block, ForStmt, Stmt } from "../../ir/stmt.ts";
import { substitute } from "../../ir/substitute.ts";
import { accessesOf, type TouchedAt } from "../accesses.ts";
import { count, factor, knownName } from "../fields.ts";
import { tooLarge } from "../limits.ts";
import { loopsNamed, rewriteLoops, withBody } from "../loops.ts";
import { checkAxis, checkBuffer, definePrimitive, refuse } from "../primitive.ts";
import { loopRanges } from "../window.ts";

const schema = z.strictObject({
  op: z.literal("prefetch"),
  buffer: knownName,
  axis: knownName,
  /** How many iterations of the loop ahead of the use; 0: at the start of its own, for what comes at its end. */
  ahead: count,
  /** Inner loops, and after how many iterations of each there is something more to ask for: lines of a cache. */
  over: z.record(knownName, factor).optional(),
  /** A loop inside, at the start of each of whose iterations its part is asked for. */
  at: knownName.optional(),
  /** Iterations that have none ahead ask for what they touch themselves; absent: for nothing. */
  last: z.literal("own").optional(),
});
export type PrefetchStep = Readonly<z.infer<typeof schema>>;

type Over = Readonly<Record<string, number>>;

/** More would only fill the queue of requests. */
const MOST_REQUESTS = 256;

/**
 * At the start of each iteration of a loop, asks for the first element of the buffer that the iteration
 * `ahead` later will touch, by each access that is written there. Changes no result.
 *
 * ```ts before
 * for (const i of range(8)) { for (const j of range(16)) { y[i][j] = x[i][j]; } }
 * ```
 * ```ts after prefetch("x", "i", 2)
 * for (const i of range(8)) {
 *   if (i < 6) { prefetch(x[i + 2][0]); }
 *   for (const j of range(16)) { y[i][j] = x[i][j]; }
 * }
 * ```
 *
 * `over` names loops inside, and how far their iterations are apart that are asked for besides the first: as
 * many as lie in a line of the cache. Only accesses inside such loops are asked for.
 *
 * ```ts before
 * for (const i of range(8)) { for (const j of range(16)) { y[i][j] = x[i][j]; } }
 * ```
 * ```ts after prefetch("x", "i", 1, { j: 8 })
 * for (const i of range(8)) {
 *   if (i < 7) { prefetch(x[i + 1][0]); prefetch(x[i + 1][8]); }
 *   for (const j of range(16)) { y[i][j] = x[i][j]; }
 * }
 * ```
 *
 * `at` names a loop inside that asks piece by piece, as memory gives no more than a few lines at a time.
 *
 * ```ts before
 * for (const i of range(8)) { for (const j of range(16)) { y[i][j] = x[i][j]; } }
 * ```
 * ```ts after prefetch("x", "i", 1, {}, "j")
 * for (const i of range(8)) {
 *   for (const j of range(16)) {
 *     if (i < 7) { prefetch(x[i + 1][j]); }
 *     y[i][j] = x[i][j];
 *   }
 * }
 * ```
 *
 * `last` says that iterations which have none ahead ask for what they touch themselves, instead of for nothing: so no condition keeps what
 * the loop inside does before it apart from what it does behind it. A loop of too few iterations to have any ahead asks for nothing.
 *
 * ```ts before
 * for (const i of range(8)) { for (const j of range(16)) { y[i][j] = x[i][j]; } }
 * ```
 * ```ts after prefetch("x", "i", 1, {}, "j", "own")
 * for (const i of range(8)) {
 *   for (const j of range(16)) {
 *     prefetch(x[i + 1 - floor((i + 1) / 8)][j]);
 *     y[i][j] = x[i][j];
 *   }
 * }
 * ```
 *
 * What is written is asked for as such: a core then need not ask again for the right to write it.
 *
 * ```ts before
 * for (const i of range(8)) { for (const j of range(16)) { y[i][j] = x[i][j]; } }
 * ```
 * ```ts after prefetch("y", "i", 0)
 * for (const i of range(8)) {
 *   prefetchToWrite(y[i][0]);
 *   for (const j of range(16)) { y[i][j] = x[i][j]; }
 * }
 * ```
 */
export const prefetch = definePrimitive<PrefetchStep>({
  op: "prefetch",
  schema,
  check(proc, { buffer, axis, over = {}, at }) {
    const missing =
      checkAxis(proc, "prefetch in", axis) ?? checkBuffer(proc, `cannot prefetch \`${buffer}\``, buffer);
    if (missing) return missing;
    for (const inner of [...Object.keys(over), ...(at === undefined ? [] : [at])]) {
      const unknown = checkAxis(proc, "prefetch over", inner);
      if (unknown) return unknown;
    }
    const asking = loopsNamed(proc.body, axis).flatMap((l) => [...askingIn(l, at ?? axis)]);
    const touched = asking.flatMap((l) => touches(l.body, buffer, over));
    const requests = touched.reduce((sum, touch) => sum + requestsFor(touch, over), 0);
    if (requests > MOST_REQUESTS) return tooLarge("prefetch", requests, MOST_REQUESTS, "requests for memory");
    if (touched.length > 0) return undefined;
    return refuse(
      "S123",
      `cannot prefetch \`${buffer}\` in \`${at ?? axis}\`: nothing there touches it`,
      "what is fetched ahead is what the loop uses without a condition",
    );
  },
  apply(proc, step) {
    const { axis, ahead, at = axis } = step;
    const body = rewriteLoops(proc.body, axis, (l) => {
      if (ahead >= l.extent) return l;
      const asking = askingIn(l, at);
      return rewriteLoops([l], at, (inner) =>
        asking.has(inner) ? { ...inner, body: [...request(l, inner, step), ...inner.body] } : inner,
      );
    });
    return withBody(proc, body);
  },
});

/** The loops of a name in a loop, or itself, that run in each of its iterations: what one under a condition uses may lie outside. */
function askingIn(l: ForStmt, at: string): ReadonlySet<ForStmt> {
  if (l.axis === at) return new Set([l]);
  const found = (block: Block): readonly ForStmt[] =>
    block.flatMap((s) => {
      if (s.kind === "for") return s.axis === at ? [s] : found(s.body);
      return s.kind === "alloc" ? found(s.body) : [];
    });
  return new Set(found(l.body));
}

/**
 * The accesses inside loops of `over` that happen in every iteration, equal ones once: one under a condition may lie
 * outside the buffer.
 */
function touches(body: Block, buffer: string, over: Over): readonly TouchedAt[] {
  const names = Object.keys(over);
  const inside = ({ loops }: TouchedAt): boolean =>
    names.length === 0 || loops.some(({ axis }) => names.includes(axis));
  const all = accessesOf(body).filter(
    (t) => t.buffer === buffer && t.at.length > 0 && t.conds.length === 0 && inside(t),
  );
  return [...new Map(all.map((t) => [JSON.stringify(t.at), t])).values()];
}

/** What an iteration of `asking`, in a loop `l` or the loop itself, asks for. */
function request(l: ForStmt, asking: ForStmt, { buffer, ahead, over = {}, last }: PrefetchStep): Stmt[] {
  const touched = touches(asking.body, buffer, over);
  if (touched.length === 0) return [];
  const own = last === "own";
  const next = own ? aheadOrOwn(l, ahead) : combine([[axisIndex(l.axis), 1]], ahead);
  const body = touched.flatMap((touch) => {
    const ranges = new Map([...loopRanges(touch), [l.axis, { min: 0, max: l.extent - 1 }]]);
    return iterations(touch.loops, over).map((inner): Stmt => {
      const by = new Map([...inner, [l.axis, next] as const]);
      const at = touch.at.map((index) => substitute(index, by, ranges));
      return { kind: "prefetch", buffer, at, ...(touch.kind === "read" ? {} : { written: true }) };
    });
  });
  if (ahead === 0 || own) return body;
  const cond = { op: "lt", lhs: axisIndex(l.axis), rhs: constant(l.extent - ahead) } as const;
  return [{ kind: "if", cond, body }];
}

/** The iteration so many ahead, or this one where there is none. */
function aheadOrOwn({ axis, extent }: ForStmt, ahead: number): Index {
  const over = combine([[axisIndex(axis), 1]], ahead);
  const { div } = divMod(over, extent, new Map([[axis, { min: 0, max: extent - 1 }]]));
  return subtract(over, scale(div, ahead));
}

/** Every combination of the iterations asked for: the first of each loop, and those `over` says. */
function iterations(
  loops: TouchedAt["loops"],
  over: Over,
): readonly (readonly (readonly [string, Index])[])[] {
  return loops.reduce<readonly (readonly (readonly [string, Index])[])[]>(
    (all, { axis, extent }) => {
      const step = stepOver(over, axis, extent);
      const values = Array.from({ length: Math.ceil(extent / step) }, (_, i) => constant(i * step));
      return all.flatMap((some) => values.map((value) => [...some, [axis, value] as const]));
    },
    [[]],
  );
}

/** How many of them there are. */
function requestsFor({ loops }: TouchedAt, over: Over): number {
  return loops.reduce((n, { axis, extent }) => n * Math.ceil(extent / stepOver(over, axis, extent)), 1);
}

function stepOver(over: Over, axis: string, extent: number): number {
  return Object.hasOwn(over, axis) ? over[axis] : Math.max(1, extent);
}
