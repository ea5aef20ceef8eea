import { InternalError } from "../support/diagnostic.ts";
import { isConversion } from "./arithmetic.ts";
import { escapes } from "./bounds.ts";
import type { DType } from "./dtype.ts";
import { type Access, type Cond, type Expr, opposites, typeOf } from "./expr.ts";
import { arityOf } from "./functions.ts";
import { axesOf, type Index, type Ranges } from "./index-expr.ts";
import { printAccess, printCond } from "./print-expr.ts";
import type { LoopProc } from "./proc.ts";
import type { Block, Stmt } from "./stmt.ts";
import { isComplete, storageText } from "./storage.ts";

/**
 * Checks the rules every loop procedure keeps, so that a broken one is caught where it was made.
 *
 * @param pass what made the procedure: a step or a pass, named in the message
 * @throws InternalError naming the pass and the rule: "storage", "scope", "nesting", "extent", "rank",
 *   "bounds" (every access inside its logical shape, or its table), "role" (inputs and weights are only read), "type"
 *   (operands and what is stored are of one type, and conversions are those there are) or "table" (an index table is a weight of
 *   i32 of one dimension, and known by one bound)
 */
export function validate(proc: LoopProc, pass: string): void {
  const buffers = new Map<string, Shape>();
  for (const { name, role, dtype, storage, bound } of proc.params) {
    const fail = (rule: string, what: string): never => broken(pass, proc, rule, what);
    if (buffers.has(name)) fail("scope", `parameter \`${name}\` is declared twice`);
    if (!isComplete(storage))
      fail("storage", `\`${name}\` lies as "${storageText(storage)}", not a storage of its shape`);
    const isTable = role === "weight" && dtype === "i32" && storage.shape.length === 1;
    if (bound !== undefined && !isTable)
      fail("table", `\`${name}\` is no list of whole numbers known before`);
    buffers.set(name, { shape: storage.shape, dtype, writable: role === "output", bound });
  }
  checkBlock(proc.body, { pass, proc, buffers, ranges: new Map(), guards: [] });
}

interface Shape {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly writable: boolean;
  readonly bound?: number | undefined;
}
interface Context {
  readonly pass: string;
  readonly proc: LoopProc;
  readonly buffers: ReadonlyMap<string, Shape>;
  readonly ranges: Ranges;
  readonly guards: readonly Cond[];
}

function broken(pass: string, proc: LoopProc, rule: string, what: string): never {
  throw new InternalError(`${pass} broke the ${rule} rule in ${proc.name}: ${what}`);
}

function checkBlock(block: Block, c: Context): void {
  for (const stmt of block) checkStmt(stmt, c);
}

function checkStmt(stmt: Stmt, c: Context): void {
  switch (stmt.kind) {
    case "for": {
      const { axis, extent } = stmt;
      if (c.ranges.has(axis))
        broken(c.pass, c.proc, "nesting", `loop \`${axis}\` is nested in a loop of its name`);
      if (!Number.isInteger(extent) || extent < 0)
        broken(c.pass, c.proc, "extent", `loop \`${axis}\` has extent ${extent}`);
      if (extent === 0) return;
      checkBlock(stmt.body, { ...c, ranges: new Map(c.ranges).set(axis, { min: 0, max: extent - 1 }) });
      return;
    }
    case "alloc": {
      const { buffer, shape, dtype } = stmt;
      if (c.buffers.has(buffer))
        broken(c.pass, c.proc, "scope", `\`${buffer}\` is allocated where it exists already`);
      if (!shape.every((n) => Number.isInteger(n) && n > 0)) {
        broken(c.pass, c.proc, "extent", `\`${buffer}\` has shape [${shape.join(", ")}]`);
      }
      checkBlock(stmt.body, {
        ...c,
        buffers: new Map(c.buffers).set(buffer, { shape, dtype, writable: true }),
      });
      return;
    }
    case "if":
      checkCond(stmt.cond, c);
      checkBlock(stmt.body, { ...c, guards: [...c.guards, stmt.cond] });
      return;
    case "prefetch":
      checkAccess(stmt, c);
      return;
    case "store":
    case "reduce":
      checkAccess(stmt, c);
      if (c.buffers.get(stmt.buffer)?.writable === false) {
        broken(c.pass, c.proc, "role", `\`${stmt.buffer}\` is written but is no output`);
      }
      checkExpr(stmt.value, c);
      checkTypes(stmt.buffer, c.buffers.get(stmt.buffer)?.dtype, typeOf(stmt.value), c);
  }
}

function checkTypes(what: string, wanted: DType | undefined, found: DType, c: Context): void {
  if (wanted !== found) broken(c.pass, c.proc, "type", `\`${what}\` is ${wanted}, and meets ${found}`);
}

function checkExpr(e: Expr, c: Context): void {
  switch (e.kind) {
    case "literal":
      return;
    case "load":
      checkAccess(e, c);
      checkTypes(e.buffer, c.buffers.get(e.buffer)?.dtype, e.dtype, c);
      return;
    case "binary":
      checkExpr(e.lhs, c);
      checkExpr(e.rhs, c);
      checkTypes(e.op, typeOf(e.lhs), typeOf(e.rhs), c);
      return;
    case "convert":
      checkExpr(e.value, c);
      if (!isConversion(typeOf(e.value), e.to)) {
        broken(c.pass, c.proc, "type", `${typeOf(e.value)} is converted to ${e.to}`);
      }
      return;
    case "unary":
      checkExpr(e.value, c);
      return;
    case "call":
      for (const arg of e.args) {
        checkExpr(arg, c);
        checkTypes(e.fn, typeOf(arg), "f32", c);
      }
      if (e.args.length !== arityOf(e.fn)) broken(c.pass, c.proc, "arity", `${e.fn} of ${e.args.length}`);
      return;
    case "table":
      checkInside(e.table.name, e.table.shape, e.at, c);
      return;
    case "index":
      checkIndex(e.index, c);
      return;
    case "select":
      checkCond(e.when, c);
      checkExpr(e.then, { ...c, guards: [...c.guards, e.when] });
      for (const cond of opposites(e.when)) checkExpr(e.otherwise, { ...c, guards: [...c.guards, cond] });
      checkTypes("?", typeOf(e.then), typeOf(e.otherwise), c);
  }
}

function checkCond(cond: Cond, c: Context): void {
  checkIndex(cond.lhs, c);
  checkIndex(cond.rhs, c);
}

function checkIndex(index: Index, c: Context): void {
  for (const name of axesOf(index)) {
    if (!c.ranges.has(name)) broken(c.pass, c.proc, "scope", `axis \`${name}\` is used outside its loop`);
  }
  for (const { atom } of index.terms) {
    if (atom.kind === "axis") continue;
    if (atom.kind !== "lookup") {
      checkIndex(atom.of, c);
      continue;
    }
    const { name, length, bound, held } = atom.table;
    const found = c.buffers.get(name);
    if (found?.bound !== (held ? undefined : bound) || found?.shape[0] !== length)
      broken(c.pass, c.proc, "table", `\`${name}\` is no index table of ${length} below ${bound}`);
    checkAccess({ buffer: name, at: [atom.of] }, c);
  }
}

function checkAccess({ buffer, at }: Access, c: Context): void {
  const shape =
    c.buffers.get(buffer)?.shape ??
    broken(c.pass, c.proc, "scope", `\`${buffer}\` is used where it does not exist`);
  if (at.length !== shape.length) {
    broken(
      c.pass,
      c.proc,
      "rank",
      `\`${buffer}\` has rank ${shape.length}, accessed with ${at.length} indices`,
    );
  }
  checkInside(buffer, shape, at, c);
}

/** Complains of an iteration that shows it; of so many that nobody can look, all are taken to be right. */
function checkInside(name: string, shape: readonly number[], at: readonly Index[], c: Context): void {
  at.forEach((index, dim) => {
    checkIndex(index, c);
    const found = escapes(index, shape[dim], c.ranges, c.guards);
    if (found?.witness === undefined) return;
    const { min, max } = found.range;
    const under = c.guards.map((g) => ` where ${printCond(g, c.ranges)}`).join("");
    const text = `${printAccess(name, at, c.ranges)}${under}`;
    const dimension = `dimension ${dim} runs from ${min} to ${max} of 0 to ${shape[dim] - 1}`;
    broken(c.pass, c.proc, "bounds", `${text}: ${dimension}`);
  });
}
