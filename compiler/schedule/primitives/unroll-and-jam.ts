import { z } from "zod";
import type { LoopProc } from "../../ir/proc.ts";
import type { ForStmt } from "../../ir/stmt.ts";
import { factor, knownName, newName, tail } from "../fields.ts";
import { loopsNamed } from "../loops.ts";
import { definePrimitive } from "../primitive.ts";
import { applyParts, checkParts, type Part, part } from "./composite.ts";
import { reorder } from "./reorder.ts";
import { split } from "./split.ts";
import { unroll } from "./unroll.ts";

const schema = z.strictObject({
  op: z.literal("unrollAndJam"),
  axis: knownName,
  factor,
  into: z.tuple([newName, newName]),
  tail,
});
export type UnrollAndJamStep = Readonly<z.infer<typeof schema>>;

/**
 * Runs `factor` iterations of an outer loop side by side in the innermost loop: a split, the new loop moved
 * innermost, and written out there.
 *
 * ```ts before
 * for (const i of range(8)) { for (const k of range(16)) { y[i] += x[i][k]; } }
 * ```
 * ```ts after unrollAndJam("i", 4, ["io", "ii"])
 * for (const io of range(2)) { for (const k of range(16)) { for (const ii of unroll(4)) {
 *   y[io * 4 + ii] += x[io * 4 + ii][k];
 * } } }
 * ```
 */
export const unrollAndJam = definePrimitive<UnrollAndJamStep>({
  op: "unrollAndJam",
  schema,
  check: (proc, step, rules) => checkParts(proc, rules, partsOf(step)),
  apply: (proc, step) => applyParts(proc, partsOf(step)),
});

function partsOf({ axis, factor, into, tail }: UnrollAndJamStep): readonly ((proc: LoopProc) => Part)[] {
  const inner = into[1];
  return [
    () => part(split, { op: "split", axis, factor, into: [...into], tail }),
    (proc) => {
      const [first] = loopsNamed(proc.body, inner);
      const below = first === undefined ? [] : nestBelow(first);
      const order = [...below, inner];
      // nothing inside: written out where it stands
      return order.length < 2
        ? part(unroll, { op: "unroll", axis: inner })
        : part(reorder, { op: "reorder", order });
    },
    () => part(unroll, { op: "unroll", axis: inner }),
  ];
}

/** Axes of the loops perfectly nested in a loop. */
function nestBelow(l: ForStmt): string[] {
  const [only] = l.body;
  return l.body.length === 1 && only.kind === "for" ? [only.axis, ...nestBelow(only)] : [];
}
