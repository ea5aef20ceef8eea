import { z } from "zod";
import { axis as axisIndex, type Index } from "../../ir/index-expr.ts";
import { mapBlocks, mapSame, mapStmt } from "../../ir/rewrite.ts";
import type { Block, ForStmt } from "../../ir/stmt.ts";
import { findAlloc, loopsNamed, rewriteLoops, withBody } from "../loops.ts";
import { checkAxis, definePrimitive, refuse } from "../primitive.ts";

const schema = z.strictObject({
  op: z.literal("stage"),
  buffer: z.string(),
  at: z.string(),
  memory: z.enum(["register", "stack"]),
});
export type StageStep = Readonly<z.infer<typeof schema>>;

/**
 * Gives a local buffer one copy for every iteration of the loops between loop `at` and its declaration,
 * declared directly inside `at`: an accumulator becomes a tile of accumulators.
 *
 * ```ts before
 * for (const i of range(4)) { for (const j of range(8)) { let acc = 0; acc += x[i][j]; y[i][j] = acc; } }
 * ```
 * ```ts after stage("acc", "i", "register")
 * for (const i of range(4)) {
 *   const acc = register([8]);
 *   for (const j of range(8)) { acc[j] = 0; acc[j] += x[i][j]; y[i][j] = acc[j]; }
 * }
 * ```
 */
export const stage = definePrimitive<StageStep>({
  op: "stage",
  schema,
  check(proc, { buffer, at }) {
    const missing = checkAxis(proc, "stage at", at);
    if (missing) return missing;
    const without = loopsNamed(proc.body, at).find((l) => findAlloc(l.body, buffer) === undefined);
    if (without === undefined) return undefined;
    return refuse(
      "S107",
      `cannot stage \`${buffer}\` at \`${at}\`: it is not declared inside that loop`,
      findAlloc(proc.body, buffer)
        ? `\`${buffer}\` is declared elsewhere`
        : `only local buffers can be staged, and there is no local \`${buffer}\``,
    );
  },
  apply(proc, { buffer, at, memory }) {
    return withBody(
      proc,
      rewriteLoops(proc.body, at, (l) => stagedIn(l, buffer, memory)),
    );
  },
});

function stagedIn(l: ForStmt, buffer: string, memory: StageStep["memory"]): ForStmt {
  const found = findAlloc(l.body, buffer);
  if (found === undefined) return l;
  const prefix: readonly Index[] = found.crossed.map((c) => axisIndex(c.axis));
  const lifted = mapSame(dropAlloc(l.body, buffer), (s) =>
    mapStmt(
      s,
      (i) => i,
      (e) => (e.kind === "load" && e.buffer === buffer ? { ...e, at: [...prefix, ...e.at] } : e),
      (t) =>
        (t.kind === "store" || t.kind === "reduce") && t.buffer === buffer
          ? { ...t, at: [...prefix, ...t.at] }
          : t,
    ),
  );
  const shape = [...found.crossed.map((c) => c.extent), ...found.alloc.shape];
  return { ...l, body: [{ kind: "alloc", buffer, shape, memory, body: lifted }] };
}

/** The block with the declaration gone and its body in its place. */
function dropAlloc(block: Block, buffer: string): Block {
  return block.flatMap((s) =>
    s.kind === "alloc" && s.buffer === buffer ? s.body : [mapBlocks(s, (b) => dropAlloc(b, buffer))],
  );
}
