import { z } from "zod";
import type { LoopProc } from "../../ir/proc.ts";
import type { LoopMode } from "../../ir/stmt.ts";
import type { Diagnostic } from "../../support/diagnostic.ts";
import { accessesOf, conflicting } from "../accesses.ts";
import { iterationText, meet } from "../dependence.ts";
import { loopsNamed, rewriteLoops, withBody } from "../loops.ts";
import { checkAxis, definePrimitive, type Primitive, refuse } from "../primitive.ts";

type ModeOp = "unroll" | "vectorize" | "parallel";
const MODE: Readonly<Record<ModeOp, LoopMode>> = {
  unroll: "unroll",
  vectorize: "vector",
  parallel: "parallel",
};

function modePrimitive<const O extends ModeOp>(
  op: O,
  check: (proc: LoopProc, axis: string) => Diagnostic | undefined,
): Primitive<{ readonly op: O; readonly axis: string }> {
  return definePrimitive<{ readonly op: O; readonly axis: string }>({
    op,
    schema: z.strictObject({ op: z.literal(op), axis: z.string() }) as unknown as z.ZodType<{
      readonly op: O;
      readonly axis: string;
    }>,
    check: (proc, { axis }) => checkAxis(proc, op, axis) ?? check(proc, axis),
    apply: (proc, { axis }) =>
      withBody(
        proc,
        rewriteLoops(proc.body, axis, (l) => ({ ...l, mode: MODE[op] })),
      ),
  });
}

/** Writes a loop out, iteration after iteration, when it is lowered. Always legal. */
export const unroll = modePrimitive("unroll", () => undefined);

/** Runs the iterations of a loop in the lanes of a vector. They must not touch each other's elements. */
export const vectorize = modePrimitive("vectorize", (proc, axis) => {
  for (const l of loopsNamed(proc.body, axis)) {
    if (l.body.some((s) => s.kind === "for" || s.kind === "alloc" || s.kind === "if")) {
      return refuse(
        "S108",
        `cannot vectorize \`${axis}\`: it is not an innermost loop of plain statements`,
        "a vector loop holds only assignments",
        `reorder it innermost, and fission it from its neighbours`,
      );
    }
  }
  return independent(proc, "S203", "vectorize", axis);
});

/** Lets iterations run at the same time on several threads. They must not touch each other's elements. */
export const parallel = modePrimitive("parallel", (proc, axis) =>
  independent(proc, "S204", "parallel", axis),
);

function independent(
  proc: LoopProc,
  code: "S203" | "S204",
  op: string,
  axis: string,
): Diagnostic | undefined {
  for (const l of loopsNamed(proc.body, axis)) {
    const touched = accessesOf(l.body);
    for (const a of touched) {
      for (const b of touched) {
        // the same combination from two iterations at once loses one of them
        const combine = a.buffer === b.buffer && a.kind === b.kind && a.kind !== "read";
        if (!combine && !conflicting(a, b)) continue;
        const met = meet(a, b, new Map([[axis, { extent: l.extent, distance: "after" }]]));
        if (met === undefined) continue;
        return refuse(
          code,
          `cannot ${op} \`${axis}\`: its iterations touch the same element`,
          met === "unknown"
            ? "the dependence test gave up on these addresses"
            : `${iterationText(met.first)} and ${iterationText(met.second)} both touch an element of ${met.element}`,
          `${op} another loop, or stage the accumulator first`,
        );
      }
    }
  }
  return undefined;
}
