import type { DType } from "../ir/dtype.ts";
import { convert, type Expr, typeOf } from "../ir/expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import { mapSame, mapStmt, mapValues } from "../ir/rewrite.ts";
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
  const write = (s: Stmt): Stmt => {
    if (s.kind !== "store") return s;
    const value = mapValues(s.value, unconverted);
    return { ...s, value: types[s.buffer] === undefined ? value : held(types[s.buffer], value) };
  };
  return { ...proc, params, body: mapSame(proc.body, (s) => mapStmt(s, (i) => i, read, write)) };
}

/** A value of f32 as a type, numbers of 8 bits by way of i32. */
function held(type: DType, value: Expr): Expr {
  return isByte(type)
    ? unconverted(convert(type, unconverted(convert("i32", value))))
    : convert(type, value);
}

/** Without what comes to nothing: numbers of 8 bits are what they are in wider types, and i32 is made by rounding. */
function unconverted(e: Expr): Expr {
  if (e.kind !== "convert") return e;
  const { to, value } = e;
  if (to === "i32" && value.kind === "call" && value.fn === "roundEven") return convert(to, value.args[0]);
  if (value.kind !== "convert" || !isByte(typeOf(value.value))) return e;
  const byte = value.value;
  return to === typeOf(byte) ? byte : to === "i32" || to === "f32" ? convert(to, byte) : e;
}

function isByte(type: DType): boolean {
  return type === "i8" || type === "u8";
}
