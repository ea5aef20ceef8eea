import { z } from "zod";
import { axisRanges } from "../../ir/axes.ts";
import { axis as axisIndex, combine, constant, type Index } from "../../ir/index-expr.ts";
import { type Block, type ForStmt, loop, type Stmt } from "../../ir/stmt.ts";
import { divisors } from "../choose.ts";
import { factor, knownName, newName, tail } from "../fields.ts";
import { loopsNamed, rewriteLoops, substituteBlock, tiled, withBody } from "../loops.ts";
import { checkAxis, checkFresh, definePrimitive, refuse } from "../primitive.ts";

export { divisors } from "../choose.ts";

const schema = z.strictObject({
  op: z.literal("split"),
  axis: knownName,
  factor,
  into: z.tuple([newName, newName]),
  tail,
});
export type SplitStep = Readonly<z.infer<typeof schema>>;

/**
 * Splits a loop into an outer and an inner one of `factor` iterations.
 *
 * Tails, when the factor does not divide the extent: `exact` refuses; `cut` adds a second, shorter nest
 * for the rest (no test in either, twice the code); `guard` tests every iteration (small code, slow).
 *
 * ```ts before
 * for (const i of range(12)) { y[i] = x[i]; }
 * ```
 * ```ts after split("i", 4, ["io", "ii"])
 * for (const io of range(3)) { for (const ii of range(4)) { y[io * 4 + ii] = x[io * 4 + ii]; } }
 * ```
 */
export const split = definePrimitive<SplitStep>({
  op: "split",
  schema,
  check(proc, { axis, factor, into, tail }) {
    const missing = checkAxis(proc, "split", axis) ?? checkFresh(proc, `split \`${axis}\``, into);
    if (missing) return missing;
    const odd = loopsNamed(proc.body, axis).find((l) => l.extent % factor !== 0);
    if (odd === undefined || tail !== "exact") return undefined;
    const rest = odd.extent % factor;
    return refuse(
      "S104",
      `cannot split \`${axis}\` by ${factor}: ${odd.extent} is not a multiple of ${factor}`,
      `${odd.extent} = ${Math.floor(odd.extent / factor)} * ${factor} + ${rest}, and tail "exact" allows no remainder`,
      `use tail "cut" (adds a nest of ${rest}) or "guard"`,
      `divisors of ${odd.extent}: ${divisors(odd.extent).join(", ")}`,
    );
  },
  apply(proc, { axis, factor, into: [outer, inner], tail }) {
    const ranges = new Map(axisRanges(proc.body));
    const largest = Math.max(...loopsNamed(proc.body, axis).map((l) => l.extent));
    ranges.set(outer, { min: 0, max: Math.max(0, Math.ceil(largest / factor) - 1) });
    ranges.set(inner, { min: 0, max: factor - 1 });
    const at = (index: Index, body: Block): Block => substituteBlock(body, new Map([[axis, index]]), ranges);
    const nest = (l: ForStmt, outers: number, inners: number, body: Block): Stmt =>
      loop(outer, outers, [loop(inner, inners, body, l.mode)]);
    return withBody(
      proc,
      rewriteLoops(proc.body, axis, (l) => {
        const whole = Math.floor(l.extent / factor);
        const rest = l.extent % factor;
        const index = tiled(outer, factor, inner);
        if (rest === 0 || tail === "exact") return nest(l, whole, factor, at(index, l.body));
        if (tail === "guard") {
          const cond = { op: "lt", lhs: index, rhs: constant(l.extent) } as const;
          return nest(l, whole + 1, factor, [{ kind: "if", cond, body: at(index, l.body) }]);
        }
        const last = nest(l, 1, rest, at(combine([[axisIndex(inner), 1]], whole * factor), l.body));
        return whole === 0 ? last : [nest(l, whole, factor, at(index, l.body)), last];
      }),
    );
  },
});
