import type { DType } from "../ir/dtype.ts";
import { convert, type Expr } from "../ir/expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import { mapSame, mapStmt } from "../ir/rewrite.ts";
import type { Stmt } from "../ir/stmt.ts";
import { invariant } from "../support/assert.ts";

/**
 * A procedure of f32 whose inputs and outputs hold other types in memory: what it reads of them is converted, and computed with as before.
 *
 *     y[i] = x[i]   with x of u8   becomes   y[i] = f32(x[i])
 *                   with y of f16  becomes   y[i] = f16(x[i])
 */
export function withHeldTypes(proc: LoopProc, types: Readonly<Record<string, DType>>): LoopProc {
  const params = proc.params.map((p) => {
    const dtype = types[p.name];
    if (dtype === undefined) return p;
    invariant(p.role !== "weight" && p.dtype === "f32", `${p.name} is an activation of f32`);
    return { ...p, dtype };
  });
  const read = (e: Expr): Expr => {
    if (e.kind !== "load" || types[e.buffer] === undefined) return e;
    return convert("f32", { ...e, dtype: types[e.buffer] });
  };
  const write = (s: Stmt): Stmt =>
    s.kind === "store" && types[s.buffer] !== undefined
      ? { ...s, value: convert(types[s.buffer], s.value) }
      : s;
  return { ...proc, params, body: mapSame(proc.body, (s) => mapStmt(s, (i) => i, read, write)) };
}
