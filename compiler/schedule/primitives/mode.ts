import { z } from "zod";
import type { LoopProc } from "../../ir/proc.ts";
import type { ForStmt, LoopMode } from "../../ir/stmt.ts";
import type { Diagnostic } from "../../support/diagnostic.ts";
import { isPlain, raceIn } from "../concurrent.ts";
import { knownName } from "../fields.ts";
import { loopsNamed, rewriteLoops, withBody } from "../loops.ts";
import { checkAxis, clashText, definePrimitive, type Primitive, refuse } from "../primitive.ts";

type ModeOp = "unroll" | "vectorize" | "parallel";
const MODE: Readonly<Record<ModeOp, LoopMode>> = {
  unroll: "unroll",
  vectorize: "vector",
  parallel: "parallel",
};

export function modePrimitive<const O extends ModeOp>(
  op: O,
  check: (proc: LoopProc, axis: string) => Diagnostic | undefined,
): Primitive<{ readonly op: O; readonly axis: string }> {
  return definePrimitive<{ readonly op: O; readonly axis: string }>({
    op,
    schema: z.strictObject({ op: z.literal(op), axis: knownName }) as unknown as z.ZodType<{
      readonly op: O;
      readonly axis: string;
    }>,
    check: (proc, { axis }) => checkAxis(proc, op, axis) ?? check(proc, axis),
    apply: (proc, { axis }) =>
      withBody(
        proc,
        rewriteLoops(proc.body, axis, (l) =>
          l.mode === MODE[op] || isDone(op, l) ? l : inMode(l, MODE[op]),
        ),
      ),
  });
}

/** What an instruction does is in lanes already. */
function isDone(op: string, l: ForStmt): boolean {
  return op === "vectorize" && l.mode === "instruction";
}

function inMode({ instruction: _, ...l }: ForStmt, mode: LoopMode): ForStmt {
  return { ...l, mode };
}

/** Refuses loops that hold more than assignments. */
export function checkPlain(proc: LoopProc, op: string, axis: string): Diagnostic | undefined {
  if (loopsNamed(proc.body, axis).every((l) => isDone(op, l) || isPlain(l))) return undefined;
  return refuse(
    "S108",
    `cannot ${op} \`${axis}\`: it is not an innermost loop of plain statements`,
    "a vector loop holds only assignments",
    `reorder it innermost, and fission it from its neighbours`,
  );
}

/** Refuses loops whose iterations touch each other's elements. */
export function checkRaces(
  proc: LoopProc,
  code: "S203" | "S204",
  op: string,
  axis: string,
): Diagnostic | undefined {
  for (const l of loopsNamed(proc.body, axis)) {
    if (isDone(op, l)) continue;
    const race = raceIn(l, proc);
    if (race === undefined) continue;
    return refuse(
      code,
      `cannot ${op} \`${axis}\`: its iterations touch the same element`,
      clashText(race),
      `${op} another loop, or stage the accumulator first`,
    );
  }
  return undefined;
}
