import { z } from "zod";
import { axisRanges } from "../../ir/axes.ts";
import { loop } from "../../ir/stmt.ts";
import { accessesOf, conflicting } from "../accesses.ts";
import { GAVE_UP, iterationText, meet } from "../dependence.ts";
import { knownName } from "../fields.ts";
import { loopsNamed, rewriteLoops, withBody } from "../loops.ts";
import { checkAxis, definePrimitive, refuse } from "../primitive.ts";

const schema = z.strictObject({ op: z.literal("fission"), axis: knownName });
export type FissionStep = Readonly<z.infer<typeof schema>>;

/**
 * Distributes a loop over the statements of its body: one loop of the same name for each.
 *
 * ```ts before
 * for (const i of range(4)) { y[i] = x[i]; z[i] = y[i]; }
 * ```
 * ```ts after fission("i")
 * for (const i of range(4)) { y[i] = x[i]; }
 * for (const i of range(4)) { z[i] = y[i]; }
 * ```
 */
export const fission = definePrimitive<FissionStep>({
  op: "fission",
  schema,
  check(proc, { axis }, { strict }) {
    const missing = checkAxis(proc, "fission", axis);
    if (missing) return missing;
    const ranges = axisRanges(proc.body);
    for (const l of loopsNamed(proc.body, axis)) {
      const local = l.body.find((s) => s.kind === "alloc");
      if (local?.kind === "alloc") {
        return refuse(
          "S106",
          `cannot fission \`${axis}\`: \`${local.buffer}\` is local to one iteration`,
          `its value passes from one statement of the body to the next`,
          `stage("${local.buffer}", ...) at a loop outside \`${axis}\` first`,
        );
      }
      for (let j = 1; j < l.body.length; j++) {
        const later = accessesOf([l.body[j]]);
        const earlier = accessesOf(l.body.slice(0, j));
        for (const b of later) {
          for (const a of earlier) {
            if (!conflicting(a, b, strict)) continue;
            const met = meet(b, a, new Map([[axis, { extent: l.extent, distance: "after" }]]), ranges);
            if (met === undefined) continue;
            return refuse(
              "S202",
              `cannot fission \`${axis}\`: a later iteration needs what an earlier one has not done yet`,
              met === "unknown"
                ? GAVE_UP
                : `statement ${j + 1} at ${iterationText(met.first)} and an earlier statement at ${iterationText(met.second)} both touch ${met.element}`,
            );
          }
        }
      }
    }
    return undefined;
  },
  apply(proc, { axis }) {
    return withBody(
      proc,
      rewriteLoops(proc.body, axis, (l) =>
        l.body.length < 2 ? l : l.body.map((s) => loop(l.axis, l.extent, [s], l.mode)),
      ),
    );
  },
});
