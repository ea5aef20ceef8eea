import { type DType, rounded } from "../ir/dtype.ts";
import { convert, type Expr, literal, typeOf } from "../ir/expr.ts";
import { logisticOf } from "../ir/logistic.ts";
import type { LoopProc } from "../ir/proc.ts";
import { mapSame, mapStmt, mapValues, partsOf, walkLoads } from "../ir/rewrite.ts";
import type { Block, Stmt } from "../ir/stmt.ts";
import type { Target } from "../machine/target.schema.ts";
import type { HalfUse } from "../ops/op.ts";
import { defined, invariant } from "../support/assert.ts";
import type { Task } from "./task.ts";

/**
 * A procedure of f32 as one of f16: `computed` in it, or only `stored` in it, where inputs and outputs are f16 and what lies in
 * between stays f32, as constants do.
 *
 *     y[i] = x[i] * w[i]   computed   y[i] = x[i] * w[i]              with x, w and y of f16
 *                          stored     y[i] = f16(f32(x[i]) * w[i])    with x and y of f16
 *
 * Where a function that no instruction computes (exp, tanh, those of a library) is part of what is stored, all of that is of f32; but for
 * sigmoid and Swish, which f16 does as well as it holds them (lower/logistic.ts). What is rounded to 8 bits is computed in f16, which has
 * more digits than that.
 *
 *     v[i] = saturateI8(roundI32(x[i] * 4))   either   v[i] = saturateI8(x[i] * f16(4))   with x of f16
 */
export function withHalves(proc: LoopProc, use: HalfUse): LoopProc {
  return use === "computed" ? computed(proc) : stored(proc);
}

function computed(proc: LoopProc): LoopProc {
  const statement = (s: Stmt): Stmt => {
    if (s.kind === "alloc") return { ...s, dtype: half(s.dtype) };
    if (s.kind !== "store" && s.kind !== "reduce") return s;
    const value = isWide(s.value)
      ? convert(
          "f16",
          inSingle(s.value, () => true),
        )
      : inHalf(s.value);
    return { ...s, value };
  };
  return {
    ...proc,
    params: proc.params.map((p) => ({ ...p, dtype: half(p.dtype) })),
    body: mapStatements(proc.body, statement),
  };
}

function stored(proc: LoopProc): LoopProc {
  const halves = new Set(
    proc.params.flatMap(({ name, role, dtype }) => (role !== "weight" && dtype === "f32" ? [name] : [])),
  );
  const isHalf = (buffer: string): boolean => halves.has(buffer);
  const statement = (s: Stmt): Stmt => {
    if (s.kind !== "store" && s.kind !== "reduce") return s;
    const byte = roundedToByte(s.value);
    if (byte !== undefined && readsOnly(byte, isHalf)) return { ...s, value: convert("i8", inHalf(byte)) };
    const value = inSingle(s.value, isHalf);
    if (!isHalf(s.buffer)) return { ...s, value };
    invariant(s.kind === "store", `${s.buffer} is stored to, not added to`);
    return { ...s, value: convert("f16", value) };
  };
  return {
    ...proc,
    params: proc.params.map((p) => (halves.has(p.name) ? { ...p, dtype: "f16" } : p)),
    body: mapStatements(proc.body, statement),
  };
}

function mapStatements(body: Block, statement: (s: Stmt) => Stmt): Block {
  const as = <T>(it: T): T => it;
  return mapSame(body, (s) => mapStmt(s, as, as, statement));
}

function half(dtype: DType): DType {
  return dtype === "f32" ? "f16" : dtype;
}

/** A value computed in f32, of buffers that are f16. */
function inSingle(whole: Expr, isHalf: (buffer: string) => boolean): Expr {
  return mapValues(whole, (e) =>
    e.kind === "load" && e.dtype === "f32" && isHalf(e.buffer) ? convert("f32", { ...e, dtype: "f16" }) : e,
  );
}

/** A value computed in f16. */
function inHalf(whole: Expr): Expr {
  return mapValues(whole, (e) => {
    switch (e.kind) {
      case "literal":
        return e.dtype === "f32" ? literal(rounded("f16", e.value), "f16") : e;
      case "load":
        return { ...e, dtype: half(e.dtype) };
      case "table":
        return convert("f16", e);
      case "index":
        return e.dtype === "f32" ? convert("f16", e) : e;
      case "unary":
      case "call":
      case "binary":
      case "select":
      case "convert":
        return e;
    }
  });
}

/** What is rounded to 8 bits; undefined of other values. */
function roundedToByte(value: Expr): Expr | undefined {
  const whole = value.kind === "convert" && value.to === "i8" ? value.value : undefined;
  return whole?.kind === "convert" && typeOf(whole.value) === "f32" ? whole.value : undefined;
}

/** Whether all buffers that a value is made of are such. */
function readsOnly(value: Expr, isSuch: (buffer: string) => boolean): boolean {
  let all = true;
  walkLoads(value, ({ buffer }) => {
    all &&= isSuch(buffer);
  });
  return all;
}

/** Whether a function is part of a value that f16 does not do. */
function isWide(e: Expr): boolean {
  const logistic = logisticOf(e);
  if (logistic !== undefined) return isWide(logistic.value);
  if (e.kind === "call" || (e.kind === "unary" && e.op !== "neg")) return true;
  return partsOf(e).some(isWide);
}

/** What a task makes of floats where that is not f32: it computes in f16, or copies to it. */
export function madeFloats({ floats, types }: Pick<Task, "floats" | "types">): "f16" | undefined {
  return floats ?? (types?.y === "f16" ? "f16" : undefined);
}

const halfTargets = new WeakMap<Target, Target>();

/** The target as a task sees it: with the instruction set of its floats. */
export function targetOf(task: Pick<Task, "floats">, target: Target): Target {
  return task.floats === "f16" && target.isa.float !== "f16" ? halfTarget(target) : target;
}

/** A target whose floats are f16. */
function halfTarget(target: Target): Target {
  const { halves, ...rest } = target;
  const known = halfTargets.get(target) ?? { ...rest, isa: defined(halves, `f16 of ${target.name}`) };
  halfTargets.set(target, known);
  return known;
}
