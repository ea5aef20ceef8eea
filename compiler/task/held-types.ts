import type { DType } from "../ir/dtype.ts";
import { binary, convert, type Expr, literal, typeOf } from "../ir/expr.ts";
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
    if (dtype === undefined || dtype === p.dtype) return p;
    invariant(p.role !== "weight" && p.dtype === "f32", `${p.name} is an activation of f32`);
    return { ...p, dtype };
  });
  const read = (e: Expr): Expr => {
    if (e.kind !== "load" || e.dtype !== "f32" || types[e.buffer] === undefined) return e;
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
    ? unconverted(convert(type, wholeSum(value) ?? unconverted(convert("i32", value))))
    : convert(type, value);
}

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];

/**
 * A whole number that is added to one that is rounded is added in i32, short of what would wrap around, which small ones do not: rounding there
 * is no step of its own.
 */
function wholeSum(value: Expr): Expr | undefined {
  if (value.kind !== "binary" || value.op !== "add" || value.rhs.kind !== "literal") return undefined;
  const { lhs, rhs } = value;
  const by = rhs.value;
  if (!Number.isInteger(by) || Math.abs(by) > MOST) return undefined;
  const plus = (whole: Expr): Expr => (by === 0 ? whole : binary("add", whole, literal(by, "i32")));
  if (lhs.kind === "convert" && lhs.value.kind === "convert" && lhs.value.small) return plus(lhs.value);
  if (lhs.kind !== "call" || lhs.fn !== "roundEven") return undefined;
  const whole = convert("i32", lhs.args[0]);
  if (by === 0) return whole;
  return plus(
    by < 0
      ? binary("max", whole, literal(LEAST - by, "i32"))
      : binary("min", whole, literal(MOST - by, "i32")),
  );
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
