import { z } from "zod";
import type { Index, Ranges } from "../../ir/index-expr.ts";
import type { LoopProc } from "../../ir/proc.ts";
import { mapBlocks, mapExpr, mapSame } from "../../ir/rewrite.ts";
import type { Block, Stmt } from "../../ir/stmt.ts";
import { isComplete, partOf, physicalShape, plainStorage, type StorageDim } from "../../ir/storage.ts";
import { declarationsOf } from "../buffers.ts";
import { count, factor, knownName, listOf } from "../fields.ts";
import { withBody } from "../loops.ts";
import { checkBuffer, definePrimitive, refuse } from "../primitive.ts";

const dim = z.union([
  z.strictObject({ part: z.literal("whole"), dim: count }),
  z.strictObject({ part: z.enum(["outer", "inner"]), dim: count, factor }),
  z.strictObject({ part: z.literal("middle"), dim: count, factor, by: factor }),
]);
const schema = z.strictObject({ op: z.literal("pack"), buffer: knownName, dims: listOf(dim) });
export type PackStep = Readonly<z.infer<typeof schema>>;

/**
 * Chooses how a buffer lies in memory: which dimensions are blocked, at one level or several, and the order of all of them. Addresses
 * change, results do not. A parameter keeps its indices and only lies differently; for weights, which are laid
 * out at compile time, that costs nothing. A local buffer gets the shape and the indices of the new layout.
 *
 * ```ts before
 * const t = stack([4, 8]);
 * for (const i of range(4)) { for (const j of range(8)) { t[i][j] = x[i][j]; } }
 * for (const j of range(8)) { for (const i of range(4)) { y[j][i] = t[i][j]; } }
 * ```
 * ```ts after pack("t", [{ part: "outer", dim: 1, factor: 4 }, { part: "whole", dim: 0 }, { part: "inner", dim: 1, factor: 4 }])
 * const t = stack([2, 4, 4]);
 * for (const i of range(4)) { for (const j of range(8)) { t[Math.floor(j / 4)][i][j % 4] = x[i][j]; } }
 * for (const j of range(8)) { for (const i of range(4)) { y[j][i] = t[Math.floor(j / 4)][i][j % 4]; } }
 * ```
 *
 * Blocks may be split again: of blocks of `factor`, the part in the middle counts smaller ones of `by`, whose inside is an inner part of
 * factor `by`. So oneDNN's `OIhw4i16o2i` is outer I/8, O/16, middle I%8/2, inner O%16, I%2.
 */
export const pack = definePrimitive<PackStep>({
  op: "pack",
  schema,
  check(proc, { buffer, dims }) {
    const shapes = [
      ...proc.params.filter((p) => p.name === buffer).map((p) => p.storage.shape),
      ...declarationsOf(proc.body, buffer).map((d) => d.alloc.shape),
    ];
    const missing = checkBuffer(proc, `cannot pack \`${buffer}\``, buffer);
    if (missing) return missing;
    if (shapes.every((shape) => isComplete({ ...plainStorage(shape), dims }))) return undefined;
    return refuse(
      "S110",
      `cannot pack \`${buffer}\`: each of its ${shapes[0].length} dimensions must appear once, whole or as outer and inner (and middle, between them)`,
      "an element needs exactly one address",
    );
  },
  apply(proc, { buffer, dims }) {
    if (!proc.params.some((p) => p.name === buffer)) {
      return withBody(proc, packLocal(proc.body, buffer, dims, new Map()));
    }
    const params = proc.params.map((p) =>
      p.name === buffer ? { ...p, storage: { ...p.storage, dims } } : p,
    );
    return { ...proc, params } satisfies LoopProc;
  },
});

/** Declarations with the packed shape, accesses with an index for each part. */
function packLocal(block: Block, buffer: string, dims: readonly StorageDim[], ranges: Ranges): Block {
  return mapSame(block, (s): Stmt => {
    const inner = s.kind === "for" ? new Map(ranges).set(s.axis, { min: 0, max: s.extent - 1 }) : ranges;
    const at = (index: readonly Index[]): readonly Index[] =>
      dims.map((d) => partOf(d, index[d.dim], ranges));
    const next = mapBlocks(s, (b) => packLocal(b, buffer, dims, inner));
    switch (next.kind) {
      case "alloc":
        if (next.buffer !== buffer) return next;
        return { ...next, shape: physicalShape({ ...plainStorage(next.shape), dims }) };
      case "store":
      case "reduce": {
        const value = mapExpr(
          next.value,
          (i) => i,
          (e) => (e.kind === "load" && e.buffer === buffer ? { ...e, at: at(e.at) } : e),
        );
        if (next.buffer === buffer) return { ...next, at: at(next.at), value };
        return value === next.value ? next : { ...next, value };
      }
      case "prefetch":
        return next.buffer === buffer ? { ...next, at: at(next.at) } : next;
      case "for":
      case "if":
        return next;
    }
  });
}
