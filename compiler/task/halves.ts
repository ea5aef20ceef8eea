import type { DType } from "../ir/dtype.ts";
import { rounded } from "../ir/dtype.ts";
import { convert, type Expr, literal } from "../ir/expr.ts";
import { logisticOf } from "../ir/logistic.ts";
import type { LoopProc } from "../ir/proc.ts";
import { mapSame, mapStmt, mapValues, partsOf } from "../ir/rewrite.ts";
import type { Stmt } from "../ir/stmt.ts";
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
 * sigmoid and Swish, which f16 does as well as it holds them (lower/logistic.ts).
 */
export function withHalves(proc: LoopProc, use: HalfUse): LoopProc {
  return use === "computed" ? computed(proc) : stored(proc);
}

function computed(proc: LoopProc): LoopProc {
  const half = (dtype: DType): DType => (dtype === "f32" ? "f16" : dtype);
  const value = (e: Expr): Expr => {
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
  };
  const wide = (e: Expr): Expr =>
    e.kind === "load" && e.dtype === "f32" ? convert("f32", { ...e, dtype: "f16" }) : e;
  const statement = (s: Stmt): Stmt => {
    if (s.kind === "alloc") return { ...s, dtype: half(s.dtype) };
    if (s.kind !== "store" && s.kind !== "reduce") return s;
    return isWide(s.value)
      ? { ...s, value: convert("f16", mapValues(s.value, wide)) }
      : { ...s, value: mapValues(s.value, value) };
  };
  return {
    ...proc,
    params: proc.params.map((p) => ({ ...p, dtype: half(p.dtype) })),
    body: mapSame(proc.body, (s) =>
      mapStmt(
        s,
        (i) => i,
        (e) => e,
        statement,
      ),
    ),
  };
}

/** Whether a function is part of a value that f16 does not do. */
function isWide(e: Expr): boolean {
  const logistic = logisticOf(e);
  if (logistic !== undefined) return isWide(logistic.value);
  if (e.kind === "call" || (e.kind === "unary" && e.op !== "neg")) return true;
  return partsOf(e).some(isWide);
}

function stored(proc: LoopProc): LoopProc {
  const halves = new Set(
    proc.params.flatMap(({ name, role, dtype }) => (role !== "weight" && dtype === "f32" ? [name] : [])),
  );
  const value = (e: Expr): Expr =>
    e.kind === "load" && halves.has(e.buffer) ? convert("f32", { ...e, dtype: "f16" }) : e;
  const statement = (s: Stmt): Stmt => {
    if ((s.kind !== "store" && s.kind !== "reduce") || !halves.has(s.buffer)) return s;
    invariant(s.kind === "store", `${s.buffer} is stored to, not added to`);
    return { ...s, value: convert("f16", s.value) };
  };
  return {
    ...proc,
    params: proc.params.map((p) => (halves.has(p.name) ? { ...p, dtype: "f16" } : p)),
    body: mapSame(proc.body, (s) => mapStmt(s, (i) => i, value, statement)),
  };
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
