import { z } from "zod";
import { axis as axisIndex, combine, constant, type Index, substitute, ZERO } from "../../ir/index-expr.ts";
import type { Block, ForStmt, Stmt } from "../../ir/stmt.ts";
import { accessesOf, type TouchedAt } from "../accesses.ts";
import { loopsNamed, rewriteLoops, withBody } from "../loops.ts";
import { checkAxis, checkBuffer, definePrimitive, refuse } from "../primitive.ts";
import { loopRanges } from "../window.ts";

const schema = z.strictObject({
  op: z.literal("prefetch"),
  buffer: z.string(),
  axis: z.string(),
  /** How many iterations of the loop ahead of the use. */
  ahead: z.int().min(1),
});
export type PrefetchStep = Readonly<z.infer<typeof schema>>;

/**
 * At the start of each iteration of a loop, asks for the first element of the buffer that the iteration
 * `ahead` later will touch. Changes no result.
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
 */
export const prefetch = definePrimitive<PrefetchStep>({
  op: "prefetch",
  schema,
  check(proc, { buffer, axis }) {
    const missing =
      checkAxis(proc, "prefetch in", axis) ?? checkBuffer(proc, `cannot prefetch \`${buffer}\``, buffer);
    if (missing) return missing;
    if (loopsNamed(proc.body, axis).some((l) => firstTouch(l.body, buffer) !== undefined)) return undefined;
    return refuse(
      "S123",
      `cannot prefetch \`${buffer}\` in \`${axis}\`: nothing there touches it`,
      "what is fetched ahead is what the loop uses without a condition",
    );
  },
  apply(proc, { buffer, axis, ahead }) {
    return withBody(
      proc,
      rewriteLoops(proc.body, axis, (l) => ({ ...l, body: [...request(l, buffer, ahead), ...l.body] })),
    );
  },
});

/** The first access that happens in every iteration: one under a condition may lie outside the buffer. */
function firstTouch(body: Block, buffer: string): TouchedAt | undefined {
  return accessesOf(body).find((t) => t.buffer === buffer && t.at.length > 0 && t.conds.length === 0);
}

function request(l: ForStmt, buffer: string, ahead: number): Stmt[] {
  const touch = firstTouch(l.body, buffer);
  if (touch === undefined || ahead >= l.extent) return [];
  const by = new Map<string, Index>(touch.loops.map((inner) => [inner.axis, ZERO]));
  by.set(l.axis, combine([[axisIndex(l.axis), 1]], ahead));
  const ranges = new Map([...loopRanges(touch), [l.axis, { min: 0, max: l.extent - 1 }]]);
  const at = touch.at.map((index) => substitute(index, by, ranges));
  const cond = { op: "lt", lhs: axisIndex(l.axis), rhs: constant(l.extent - ahead) } as const;
  return [{ kind: "if", cond, body: [{ kind: "prefetch", buffer, at }] }];
}
