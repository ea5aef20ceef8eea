import { z } from "zod";
import { knownName } from "../fields.ts";
import { rewriteLoops, withBody } from "../loops.ts";
import { checkAxis, definePrimitive } from "../primitive.ts";

const schema = z.strictObject({
  op: z.literal("annotate"),
  axis: knownName,
  /** One line of printable ASCII, which stays a comment in C. */
  note: z.string().regex(/^[ -[\]-~]{1,100}$/, "one line of printable ASCII without backslashes"),
});
export type AnnotateStep = Readonly<z.infer<typeof schema>>;

/**
 * Puts a remark on a loop: printed above it in dumps and in C, and read back. It means nothing.
 *
 * ```ts before
 * for (const i of range(4)) { y[i] = x[i]; }
 * ```
 * ```ts after annotate("i", "one row of the tile")
 * // note: one row of the tile
 * for (const i of range(4)) { y[i] = x[i]; }
 * ```
 */
export const annotate = definePrimitive<AnnotateStep>({
  op: "annotate",
  schema,
  check: (proc, { axis }) => checkAxis(proc, "annotate", axis),
  apply: (proc, { axis, note }) =>
    withBody(
      proc,
      rewriteLoops(proc.body, axis, (l) => ({ ...l, note })),
    ),
});
