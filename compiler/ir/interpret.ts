import { InternalError } from "../support/diagnostic.ts";
import { applyBinary, applyCond, applyUnary, convertNumber } from "./arithmetic.ts";
import { type DType, rounded, roundF16, type TypedArray } from "./dtype.ts";
import { type Cond, type Expr, tableValue, typeOf } from "./expr.ts";
import { deferredCall } from "./functions.ts";
import { combine, type Index, type Ranges, rangeOf } from "./index-expr.ts";
import { checkIndices } from "./index-table.ts";
import { type Journal, note, runAtOnce } from "./interpret-at-once.ts";
import { compileIndex } from "./interpret-index.ts";
import type { LoopProc } from "./proc.ts";
import type { Block, ReduceStmt, Stmt } from "./stmt.ts";
import { unwritten } from "./typed-array.ts";

/**
 * Runs a procedure: its meaning, exactly. Every operation is rounded to its type; locals start as NaN, or with all bits set; an access
 * outside its buffer throws.
 *
 * @param buffers logical row-major data by parameter name; outputs are written in place
 * @param loops "at-once" starts all iterations of parallel and vector loops on the same memory, so that one
 *   sees nothing of the others: a loop that is rightly marked gives the same result
 */
export function interpret(
  proc: LoopProc,
  buffers: Readonly<Record<string, TypedArray>>,
  loops: "in-order" | "at-once" = "in-order",
): void {
  const scope = new Map<string, Buffer>();
  for (const { name, dtype, storage, bound } of proc.params) {
    const data = buffers[name];
    const size = storage.shape.reduce((a, b) => a * b, 1);
    if (data?.length !== size) {
      throw new InternalError(
        `interpret ${proc.name}: \`${name}\` needs ${size} elements, got ${data?.length ?? "none"}`,
      );
    }
    if (bound !== undefined) checkIndices(`${name} of ${proc.name}`, data, bound);
    scope.set(name, { data, dtype, shape: storage.shape });
  }
  compileBlock(proc.body, {
    buffers: scope,
    slots: new Map(),
    ranges: new Map(),
    frame: [],
    ...(loops === "at-once" && { atOnce: { noted: undefined } }),
  })();
}

interface Buffer {
  readonly data: TypedArray;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Names while closures are made; `frame` holds the axes' values while they run. */
interface Context {
  readonly buffers: ReadonlyMap<string, Buffer>;
  readonly slots: ReadonlyMap<string, number>;
  readonly ranges: Ranges;
  readonly frame: number[];
  readonly atOnce?: Journal;
}
type Run = () => void;
type Get = () => number;

function compileBlock(block: Block, c: Context): Run {
  const runs = block.map((s) => compileStmt(s, c));
  if (runs.length === 1) return runs[0];
  return () => {
    for (const run of runs) run();
  };
}

function compileStmt(stmt: Stmt, c: Context): Run {
  switch (stmt.kind) {
    case "for": {
      const { frame } = c;
      const { extent } = stmt;
      const slot = c.slots.size;
      const body = compileBlock(stmt.body, {
        ...c,
        slots: new Map(c.slots).set(stmt.axis, slot),
        ranges: new Map(c.ranges).set(stmt.axis, { min: 0, max: extent - 1 }),
      });
      const iteration = (i: number): void => {
        frame[slot] = i;
        body();
      };
      if (c.atOnce !== undefined && (stmt.mode === "parallel" || stmt.mode === "vector")) {
        const { atOnce } = c;
        return () => runAtOnce(extent, iteration, atOnce);
      }
      return () => {
        for (let i = 0; i < extent; i++) iteration(i);
      };
    }
    case "alloc": {
      const { dtype, shape } = stmt;
      const fresh = unwritten(
        dtype,
        shape.reduce((a, b) => a * b, 1),
      );
      const data = fresh.slice();
      const buffers = new Map(c.buffers).set(stmt.buffer, { data, dtype, shape });
      const body = compileBlock(stmt.body, { ...c, buffers });
      return () => {
        data.set(fresh);
        body();
      };
    }
    case "if": {
      const holds = compileCond(stmt.cond, c);
      const body = compileBlock(stmt.body, c);
      return () => {
        if (holds()) body();
      };
    }
    case "prefetch":
      return () => {};
    case "store": {
      const { data, address } = compileWrite(stmt, c);
      const value = compileExpr(stmt.value, c);
      return () => {
        data[address()] = value();
      };
    }
    case "reduce":
      return compileReduce(stmt, c);
  }
}

function compileReduce(stmt: ReduceStmt, c: Context): Run {
  const { data, dtype, address } = compileWrite(stmt, c);
  const value = compileExpr(stmt.value, c);
  if (stmt.op === "max") {
    return () => {
      const a = address();
      data[a] = Math.max(data[a], value());
    };
  }
  if (dtype === "f16") {
    return () => {
      const a = address();
      data[a] = roundF16(data[a] + value());
    };
  }
  // f32 is rounded, and i32 wrapped around, by being stored
  return () => {
    data[address()] += value();
  };
}

function compileExpr(e: Expr, c: Context): Get {
  switch (e.kind) {
    case "literal": {
      const value = rounded(e.dtype, e.value);
      return () => value;
    }
    case "load": {
      const { data, address } = compileAccess(e, c);
      return () => data[address()];
    }
    case "binary": {
      const { op } = e;
      const lhs = compileExpr(e.lhs, c);
      const rhs = compileExpr(e.rhs, c);
      const dtype = typeOf(e.lhs);
      if (dtype !== "f32") return () => applyBinary(op, lhs(), rhs(), dtype);
      if (op === "mul") return () => Math.fround(lhs() * rhs());
      if (op === "add") return () => Math.fround(lhs() + rhs());
      return () => applyBinary(op, lhs(), rhs());
    }
    case "unary": {
      const { op } = e;
      const value = compileExpr(e.value, c);
      const dtype = typeOf(e.value);
      return () => applyUnary(op, value(), dtype);
    }
    case "call":
      return deferredCall(
        e.fn,
        e.args.map((arg) => compileExpr(arg, c)),
      );
    case "convert": {
      const { to } = e;
      const value = compileExpr(e.value, c);
      return () => convertNumber(to, value());
    }
    case "select": {
      const holds = compileCond(e.when, c);
      const then = compileExpr(e.then, c);
      const otherwise = compileExpr(e.otherwise, c);
      return () => (holds() ? then() : otherwise());
    }
    case "table": {
      const at = e.at.map((index) => compileIndex(index, c));
      return () =>
        tableValue(
          e.table,
          at.map((get) => get()),
        );
    }
    case "index": {
      const index = compileIndex(e.index, c);
      const { dtype } = e;
      return () => rounded(dtype, index());
    }
  }
}

function compileCond({ op, lhs, rhs }: Cond, c: Context): () => boolean {
  const a = compileIndex(lhs, c);
  const b = compileIndex(rhs, c);
  return () => applyCond(op, a(), b());
}

/** An access whose element is about to change. */
function compileWrite(
  to: { readonly buffer: string; readonly at: readonly Index[] },
  c: Context,
): ReturnType<typeof compileAccess> {
  const access = compileAccess(to, c);
  const { data, address } = access;
  const { atOnce } = c;
  if (atOnce === undefined) return access;
  const noted = (): number => {
    const at = address();
    note(atOnce, data, at);
    return at;
  };
  return { ...access, address: noted };
}

/** A buffer's data and the row-major address; dimensions that may be left are watched. */
function compileAccess(
  { buffer, at }: { readonly buffer: string; readonly at: readonly Index[] },
  c: Context,
): Pick<Buffer, "data" | "dtype"> & { readonly address: Get } {
  const found = c.buffers.get(buffer);
  if (found === undefined) throw new InternalError(`interpret: no buffer \`${buffer}\` in scope`);
  const { data, dtype, shape } = found;
  if (at.length !== shape.length) {
    throw new InternalError(
      `interpret: \`${buffer}\` has rank ${shape.length}, accessed with ${at.length} indices`,
    );
  }
  let stride = 1;
  const parts: (readonly [Index, number])[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    parts.push([at[d], stride]);
    stride *= shape[d];
  }
  const address = compileIndex(combine(parts), c);
  const watched = at.flatMap((index, d) => {
    const r = rangeOf(index, c.ranges);
    return r.min >= 0 && r.max < shape[d] ? [] : [{ d, get: compileIndex(index, c) }];
  });
  if (watched.length === 0) return { data, dtype, address };
  return {
    data,
    dtype,
    address: () => {
      for (const { d, get } of watched) {
        const i = get();
        if (i < 0 || i >= shape[d]) {
          throw new InternalError(
            `interpret: index ${i} outside dimension ${d} (${shape[d]}) of \`${buffer}\``,
          );
        }
      }
      return address();
    },
  };
}
