import { z } from "zod";
import { axisRanges } from "../../ir/axes.ts";
import { axis, divMod } from "../../ir/index-expr.ts";
import { type ForStmt, loop } from "../../ir/stmt.ts";
import { knownName, newName } from "../fields.ts";
import { loopsNamed, rewriteLoops, substituteBlock, withBody } from "../loops.ts";
import { checkAxis, checkFresh, definePrimitive, refuse } from "../primitive.ts";

const schema = z.strictObject({
  op: z.literal("fuse"),
  outer: knownName,
  inner: knownName,
  into: newName,
});
export type FuseStep = Readonly<z.infer<typeof schema>>;

/**
 * Makes one loop of two, the inner one all there is in the outer one. Always legal: the order stays. Addresses
 * that run through both without a gap become affine again.
 *
 * ```ts before
 * for (const i of range(2)) { for (const j of range(8)) { y[i * 8 + j] = x[i][j]; } }
 * ```
 * ```ts after fuse("i", "j", "ij")
 * for (const ij of range(16)) { y[ij] = x[Math.floor(ij / 8)][ij % 8]; }
 * ```
 */
export const fuse = definePrimitive<FuseStep>({
  op: "fuse",
  schema,
  check(proc, { outer, inner, into }) {
    const missing = checkAxis(proc, "fuse", outer) ?? checkAxis(proc, "fuse", inner);
    if (missing) return missing;
    const taken = checkFresh(proc, `fuse \`${outer}\` and \`${inner}\``, [into]);
    if (taken) return taken;
    const odd = loopsNamed(proc.body, outer).find((l) => innerOf(l, inner) === undefined);
    if (odd === undefined) return undefined;
    return refuse(
      "S112",
      `cannot fuse \`${outer}\` and \`${inner}\`: they are not perfectly nested`,
      odd.body.length === 1
        ? `what lies directly inside \`${outer}\` is ${firstOf(odd)}`
        : `directly inside \`${outer}\` lie ${odd.body.length} statements`,
      `fission \`${outer}\`, or reorder \`${inner}\` next to it`,
    );
  },
  apply(proc, { outer, inner, into }) {
    const ranges = new Map(axisRanges(proc.body));
    return withBody(
      proc,
      rewriteLoops(proc.body, outer, (l) => {
        const below = innerOf(l, inner);
        if (below === undefined) return l;
        const extent = l.extent * below.extent;
        ranges.set(into, { min: 0, max: extent - 1 });
        const { div, mod } = divMod(axis(into), below.extent, ranges);
        const by = new Map([
          [outer, div],
          [inner, mod],
        ]);
        const mode = l.mode === below.mode ? l.mode : "serial";
        return loop(into, extent, substituteBlock(below.body, by, ranges), mode);
      }),
    );
  },
});

function innerOf(l: ForStmt, inner: string): ForStmt | undefined {
  const [only] = l.body;
  return l.body.length === 1 && only.kind === "for" && only.axis === inner ? only : undefined;
}

function firstOf(l: ForStmt): string {
  const [first] = l.body;
  switch (first?.kind) {
    case "for":
      return `loop \`${first.axis}\``;
    case "alloc":
      return `the local buffer \`${first.buffer}\``;
    case "if":
      return "a condition";
    default:
      return "an assignment";
  }
}
