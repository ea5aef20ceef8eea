import { type DType, isInteger } from "../ir/dtype.ts";
import { type Access, type Expr, typeOf } from "../ir/expr.ts";
import { type Logistic, logisticOf } from "../ir/logistic.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { Block, Stmt } from "../ir/stmt.ts";
import { longestSum } from "../schedule/tolerance.ts";
import { assertNever, defined } from "../support/assert.ts";
import type { Known, WrittenErrorProgram } from "./error-program.ts";
import {
  type Buffer,
  collectReduced,
  errorAt,
  FULL,
  finite,
  HALF,
  literalTerm,
  ofProduct,
  ofUnary,
  size,
  sum,
  type Term,
  wrapped,
} from "./error-terms.ts";
import { condition, flat, index, type Scope } from "./index-text.ts";
import { type Formula, wholeFunctionOf } from "./whole-function.ts";

/**
 * A procedure as a program of bounds (rounding.ts): it computes in double precision what the procedure does, and beside each
 * value how far a float32 computation in any order may be from it. Written out as JavaScript: an interpreter would
 * take minutes for a layer.
 *
 * @param inexact inputs and weights that come with errors
 */
export function writeErrorProgram(
  proc: LoopProc,
  inexact: ReadonlySet<string>,
  { formula, inHalf = Number.POSITIVE_INFINITY }: Known = {},
): WrittenErrorProgram {
  const inputs = proc.params.filter(({ role }) => role !== "output").map(({ name }) => name);
  const outputs = proc.params
    .filter(({ role }) => role === "output")
    .map(({ name, storage }) => [name, size(storage.shape)] as const);
  const writer = new Writer(proc, inexact, formula, inHalf);
  return { inputs, outputs, text: writer.program(outputs.map(([name]) => name)) };
}

/** Writes the program line by line. */
class Writer {
  private lines: string[] = [];
  private readonly functions: string[] = [];
  private readonly head: string[] = [];
  private readonly buffers = new Map<string, Buffer>();
  private readonly reduced = new Set<string>();
  private readonly proc: LoopProc;
  private readonly formula: Formula | undefined;
  private count = 0;

  constructor(proc: LoopProc, inexact: ReadonlySet<string>, formula: Formula | undefined, inHalf: number) {
    this.proc = proc;
    this.formula = formula;
    collectReduced(proc.body, this.reduced);
    const inputs = proc.params.filter(({ role }) => role !== "output");
    for (const [i, { name, storage, dtype }] of inputs.entries()) {
      const buffer = this.add(name, storage.shape, dtype, !inexact.has(name));
      this.head.push(`const ${buffer.id}v = given[${i}].data, ${buffer.id}e = given[${i}].errors;`);
    }
    for (const { name, storage, role, dtype } of proc.params)
      if (role === "output") this.local(name, storage.shape, dtype);
    const terms = longestSum(proc);
    this.head.push(
      `const FACTOR = R.sumFactor(${terms}), HALF_FACTOR = R.halfSumFactor(${Math.min(terms, inHalf)});`,
    );
  }

  program(outputs: readonly string[]): string {
    // any of one dimension may choose elements
    const tables = this.proc.params.filter(
      ({ role, storage }) => role !== "output" && storage.shape.length === 1,
    );
    this.block(this.proc.body, new Map(tables.map(({ name }) => [name, `${this.buffer(name).id}v`])));
    const ends = outputs.map((name, i) => {
      const buffer = this.buffer(name);
      const { id, shape, dtype } = buffer;
      const error = `R.within(${id}v[i], ${errorAt(buffer, "i")}${dtype === "f16" ? ", R.HALF.largest" : ""})`;
      return `for (let i = 0; i < ${size(shape)}; i++) out[${i}][i] = ${error};`;
    });
    return [...this.head, ...this.functions, ...this.lines, ...ends].join("\n");
  }

  private add(name: string, shape: readonly number[], dtype: DType, exact: boolean): Buffer {
    const buffer = { id: `b${this.buffers.size}_`, shape, dtype, exact, reduced: this.reduced.has(name) };
    this.buffers.set(name, buffer);
    return buffer;
  }

  private local(name: string, shape: readonly number[], dtype: DType): void {
    const { id } = this.add(name, shape, dtype, false);
    const array = `new Float64Array(${size(shape)})`;
    this.head.push(`const ${id}v = ${array}, ${id}e = ${array}, ${id}m = ${array};`);
  }

  private buffer(name: string): Buffer {
    return defined(this.buffers.get(name), `buffer ${name}`);
  }

  private name(value: string): string {
    const name = `t${this.count++}`;
    this.lines.push(`const ${name} = ${value};`);
    return name;
  }

  private block(block: Block, scope: Scope): void {
    for (const s of block) {
      if (s.kind === "for" && block.length > 1) this.outline(s, scope);
      else this.stmt(s, scope);
    }
  }

  /** A loop beside others becomes a function: machine code for small ones is there sooner. */
  private outline(s: Stmt, scope: Scope): void {
    const around = this.lines;
    this.lines = [];
    this.stmt(s, scope);
    const call = `f${this.functions.length}(${[...scope.values()].join(", ")})`;
    this.functions.push(`function ${call} {`, ...this.lines, "}");
    this.lines = around;
    this.lines.push(`${call};`);
  }

  private stmt(s: Stmt, scope: Scope): void {
    switch (s.kind) {
      case "for": {
        const axis = `i${scope.size}`;
        this.lines.push(`for (let ${axis} = 0; ${axis} < ${s.extent}; ${axis}++) {`);
        this.block(s.body, new Map(scope).set(s.axis, axis));
        this.lines.push("}");
        return;
      }
      case "alloc":
        this.local(s.buffer, s.shape, s.dtype);
        this.block(s.body, scope);
        return;
      case "if":
        this.lines.push(`if (${condition(s.cond, scope)}) {`);
        this.block(s.body, scope);
        this.lines.push("}");
        return;
      case "store": {
        this.lines.push("{");
        const { v, e } = this.expr(s.value, scope);
        const { id, reduced } = this.buffer(s.buffer);
        const at = this.name(this.address(s, scope));
        this.lines.push(`${id}v[${at}] = ${v}; ${id}e[${at}] = ${e};`);
        if (reduced) this.lines.push(`${id}m[${at}] = ${finite(this.name(`Math.abs(${v})`))};`);
        this.lines.push("}");
        return;
      }
      case "reduce":
        this.reduce(s, scope);
        return;
      case "prefetch":
        return;
      default:
        assertNever(s);
    }
  }

  private reduce(s: Stmt & { readonly kind: "reduce" }, scope: Scope): void {
    const { id } = this.buffer(s.buffer);
    this.lines.push("{");
    const { v, e } = this.expr(s.value, scope, s.op === "add");
    const at = this.name(this.address(s, scope));
    if (s.op === "max") {
      this.lines.push(`${id}v[${at}] = Math.max(${id}v[${at}], ${v});`);
      this.lines.push(`${id}e[${at}] = Math.max(${id}e[${at}], ${e});`);
    } else {
      const magnitude = this.name(`Math.abs(${v})`);
      this.lines.push(`${id}v[${at}] += ${v}; ${id}m[${at}] += ${finite(magnitude)};`);
      if (e !== "0") this.lines.push(`${id}e[${at}] += ${e};`);
    }
    this.lines.push("}");
  }

  /** @param inSum the rounding of a product is among the sum's */
  private expr(x: Expr, scope: Scope, inSum = false): Term {
    const term = this.parts(x, scope, inSum);
    const whole = wholeFunctionOf(x, this.formula);
    if (whole === undefined || term.e === "0") return term;
    const { act, alpha, beta } = whole;
    const of = this.expr(whole.value, scope);
    const known = [act, alpha, beta, (typeOf(x) === "f16" ? HALF : FULL).unit].join(", ");
    return { v: term.v, e: this.name(`R.activationError(${term.e}, ${of.v}, ${of.e}, [${known}])`) };
  }

  private parts(x: Expr, scope: Scope, inSum: boolean): Term {
    switch (x.kind) {
      case "literal":
        return literalTerm(x.value, x.dtype);
      case "load": {
        const buffer = this.buffer(x.buffer);
        const at = this.name(this.address(x, scope));
        const v = this.name(`${buffer.id}v[${at}]`);
        return { v, e: buffer.exact ? "0" : this.name(errorAt(buffer, at)) };
      }
      case "binary":
        return this.binary(x, scope, inSum);
      case "unary": {
        const of = ofUnary(x.op, this.expr(x.value, scope));
        const v = this.name(of.v);
        return { v, e: of.e(v) === "0" ? "0" : this.name(of.e(v)) };
      }
      case "call": {
        const args = x.args.map((arg) => this.expr(arg, scope));
        const values = `[${args.map(({ v }) => v).join(", ")}]`;
        const v = this.name(`R.held(R.evaluate("${x.fn}", ${values}))`);
        const e = `R.callError("${x.fn}", ${values}, [${args.map(({ e }) => e).join(", ")}], ${v})`;
        return { v, e: this.name(e) };
      }
      case "convert": {
        const a = this.expr(x.value, scope);
        const v = this.name(`R.convertNumber("${x.to}", ${a.v})`);
        const isExact = a.e === "0" && x.to !== "f16";
        return { v, e: isExact ? "0" : this.name(`R.converted("${x.to}", ${a.v}, ${a.e})`) };
      }
      case "select": {
        const when = this.name(condition(x.when, scope));
        const [a, b] = [this.expr(x.then, scope), this.expr(x.otherwise, scope)];
        return { v: this.name(`${when} ? ${a.v} : ${b.v}`), e: this.name(`${when} ? ${a.e} : ${b.e}`) };
      }
      case "table": {
        const v = this.name(`[${x.table.values.join(", ")}][${flat(x.at, x.table.shape, scope)}]`);
        return { v, e: this.name(`R.ROUNDING * Math.abs(${v})`) };
      }
      case "index":
        return { v: this.name(index(x.index, scope)), e: "0" };
      default:
        return assertNever(x);
    }
  }

  /** Those of f16 are computed as a whole, those of f32 part by part, which holds what is least. */
  private logistic({ above, value, dtype }: Logistic, parts: () => Term, scope: Scope): Term {
    const [a, b] = [this.expr(above, scope), this.expr(value, scope)];
    if (dtype === "f16") {
      const v = this.name(`${a.v} / (1 + Math.exp(-${b.v}))`);
      return { v, e: this.name(`R.halfLogistic(${a.v}, ${a.e}, ${b.v}, ${b.e})`) };
    }
    const { v, e } = parts();
    return { v, e: e === "0" ? e : this.name(`${e} + R.heldLogistic(${a.v}, ${b.v}, ${b.e})`) };
  }

  private binary(x: Expr & { readonly kind: "binary" }, scope: Scope, inSum: boolean): Term {
    const logistic = logisticOf(x);
    const parts = (): Term => this.operation(x, scope, inSum);
    return logistic === undefined ? parts() : this.logistic(logistic, parts, scope);
  }

  private operation(x: Expr & { readonly kind: "binary" }, scope: Scope, inSum: boolean): Term {
    const dtype = typeOf(x.lhs);
    const [a, b] = [this.expr(x.lhs, scope), this.expr(x.rhs, scope)];
    if (isInteger(dtype) && x.op !== "min" && x.op !== "max") {
      const { v, e } = wrapped(x.op, a, b);
      return { v: this.name(v), e: e === "0" ? e : this.name(e) };
    }
    const { unit, least, largest } = dtype === "f16" ? HALF : FULL;
    // Written out, not called: most of the time goes here before the program is compiled to machine code.
    const roundedTo = (value: string, error: string): Term => {
      const v = this.name(value);
      const size = this.name(`Math.abs(${v})`);
      const small = `${error} + ${unit} * ${size} + ${least}`;
      return { v, e: this.name(`${size} <= ${largest} ? ${small} : R.beyond(${size}, ${error})`) };
    };
    switch (x.op) {
      case "add":
      case "sub":
        return roundedTo(`${a.v} ${x.op === "add" ? "+" : "-"} ${b.v}`, sum([a.e, b.e]));
      case "mul": {
        const errors = ofProduct(a, b);
        if (!inSum) return roundedTo(`${a.v} * ${b.v}`, errors);
        return { v: this.name(`${a.v} * ${b.v}`), e: errors };
      }
      case "div":
        return roundedTo(`${a.v} / ${b.v}`, `R.divided(${a.v}, ${a.e}, ${b.v}, ${b.e})`);
      case "min":
      case "max": {
        const error = `R.between(Math.${x.op}, ${a.v}, ${a.e}, ${b.v}, ${b.e})`;
        return {
          v: this.name(`Math.${x.op}(${a.v}, ${b.v})`),
          e: a.e === "0" && b.e === "0" ? "0" : this.name(error),
        };
      }
      default:
        return assertNever(x.op);
    }
  }

  private address({ buffer, at }: Access, scope: Scope): string {
    return flat(at, this.buffer(buffer).shape, scope);
  }
}
