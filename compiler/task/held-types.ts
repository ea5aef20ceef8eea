import type { DType } from "../ir/dtype.ts";
import { convert, type Expr } from "../ir/expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import { mapSame, mapStmt } from "../ir/rewrite.ts";
import { invariant } from "../support/assert.ts";

/**
 * A procedure of f32 whose inputs hold other types in memory: what it reads of them is converted, and computed with as before.
 *
 *     y[i] = x[i]   with x of u8   becomes   y[i] = f32(x[i])
 */
export function withHeldTypes(proc: LoopProc, types: Readonly<Record<string, DType>>): LoopProc {
  const params = proc.params.map((p) => {
    const dtype = types[p.name];
    if (dtype === undefined) return p;
    invariant(p.role === "input" && p.dtype === "f32", `${p.name} is an input of f32`);
    return { ...p, dtype };
  });
  const read = (e: Expr): Expr => {
    if (e.kind !== "load" || types[e.buffer] === undefined) return e;
    return convert("f32", { ...e, dtype: types[e.buffer] });
  };
  return { ...proc, params, body: mapSame(proc.body, (s) => mapStmt(s, (i) => i, read)) };
}
