import {
  type BinaryOp,
  binary,
  type Cond,
  type Expr,
  literal,
  load,
  select,
  unary,
} from "../../compiler/ir/expr.ts";
import {
  add,
  axis,
  combine,
  constant,
  divMod,
  type Index,
  lookup,
  type Ranges,
} from "../../compiler/ir/index-expr.ts";
import type { LoopProc, Param } from "../../compiler/ir/proc.ts";
import type { Block, LoopMode, Memory, Stmt } from "../../compiler/ir/stmt.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import type { Rng } from "../../compiler/support/rng.ts";

/** Names and bounds around a random piece of a procedure. */
export interface Around {
  readonly ranges: Ranges;
  readonly buffers: ReadonlyMap<string, readonly number[]>;
}

export function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[rng.int(items.length)];
}

/** A random index over the axes in scope, quotients and remainders included. */
export function randomIndex(rng: Rng, ranges: Ranges, depth = 2): Index {
  const axes = [...ranges.keys()];
  const parts = Array.from({ length: rng.int(3) }, (): readonly [Index, number] => {
    const coef = rng.int(9) - 4;
    if (depth > 0 && rng.int(3) === 0) {
      const { div, mod } = divMod(randomIndex(rng, ranges, depth - 1), 1 + rng.int(5), ranges);
      return [rng.int(2) === 0 ? div : mod, coef];
    }
    return [axes.length === 0 ? constant(rng.int(4)) : axis(pick(rng, axes)), coef];
  });
  return combine(parts, rng.int(7) - 3);
}

/** The index table of random procedures. */
const TABLE = { name: "at", length: 6, bound: 2 };

/** A random index between 0 and extent-1; `looking`: perhaps by elements of the table. */
function insideIndex(rng: Rng, ranges: Ranges, extent: number, looking = true): Index {
  const fitting = [...ranges].filter(([, r]) => r.max < extent).map(([name]) => name);
  if (looking && rng.int(4) === 0) {
    const found = lookup(TABLE, insideIndex(rng, ranges, TABLE.length, rng.int(4) === 0));
    if (TABLE.bound <= extent && rng.int(2) === 0) return found;
    return divMod(add(found, randomIndex(rng, ranges)), extent, ranges).mod;
  }
  if (fitting.length > 0 && rng.int(2) === 0) return axis(pick(rng, fitting));
  return divMod(randomIndex(rng, ranges), extent, ranges).mod;
}

export function randomCond(rng: Rng, ranges: Ranges): Cond {
  return {
    op: pick(rng, ["lt", "ge", "eq"] as const),
    lhs: randomIndex(rng, ranges),
    rhs: randomIndex(rng, ranges),
  };
}

function randomAccess(rng: Rng, around: Around, names: readonly string[]) {
  const buffer = pick(rng, names);
  const shape = around.buffers.get(buffer) ?? [];
  return { buffer, at: shape.map((extent) => insideIndex(rng, around.ranges, extent)) };
}

const LITERALS = [0, 1, -1, 0.1, -2.5, 1e-20, 3e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(
  Math.fround,
);
const BINARY: readonly BinaryOp[] = ["add", "sub", "mul", "div", "min", "max"];

export function randomExpr(rng: Rng, around: Around, depth = 3): Expr {
  const inner = (): Expr => randomExpr(rng, around, depth - 1);
  switch (depth === 0 ? rng.int(3) : rng.int(8)) {
    case 0:
      return literal(pick(rng, LITERALS));
    case 1:
      return { kind: "index", dtype: "f32", index: randomIndex(rng, around.ranges) };
    case 2:
    case 3: {
      const { buffer, at } = randomAccess(rng, around, [...around.buffers.keys()]);
      return load(buffer, at);
    }
    case 4:
      return unary(pick(rng, ["neg", "exp", "sqrt", "tanh"] as const), inner());
    case 5:
      return select(randomCond(rng, around.ranges), inner(), inner());
    default:
      return binary(pick(rng, BINARY), inner(), inner());
  }
}

const MODES: readonly LoopMode[] = ["serial", "parallel", "unroll", "vector"];
const MEMORIES: readonly Memory[] = ["register", "stack"];

function randomBlock(rng: Rng, around: Around, depth: number): Block {
  return Array.from({ length: 1 + rng.int(3) }, () => randomStmt(rng, around, depth));
}

function randomStmt(rng: Rng, around: Around, depth: number): Stmt {
  const written = [...around.buffers.keys()].filter((name) => name !== "x" && name !== "w");
  const leaf = depth === 0 || rng.int(3) === 0;
  const kind = leaf ? rng.int(3) : 3 + rng.int(3);
  const nest = around.ranges.size;
  switch (kind) {
    case 0:
      return { kind: "store", ...randomAccess(rng, around, written), value: randomExpr(rng, around) };
    case 1:
    case 2: {
      const op = pick(rng, ["add", "max"] as const);
      return { kind: "reduce", op, ...randomAccess(rng, around, written), value: randomExpr(rng, around) };
    }
    case 3: {
      const extent = rng.int(5);
      const name = `i${nest}`;
      const ranges = new Map(around.ranges).set(name, { min: 0, max: Math.max(0, extent - 1) });
      return {
        kind: "for",
        axis: name,
        extent,
        mode: pick(rng, MODES),
        body: randomBlock(rng, { ...around, ranges }, depth - 1),
      };
    }
    case 4:
      return { kind: "if", cond: randomCond(rng, around.ranges), body: randomBlock(rng, around, depth - 1) };
    default: {
      const buffer = `t${around.buffers.size}`;
      const shape = Array.from({ length: rng.int(3) }, () => 1 + rng.int(3));
      const buffers = new Map(around.buffers).set(buffer, shape);
      const first: Stmt = {
        kind: "store",
        buffer,
        at: shape.map(() => constant(0)),
        value: randomExpr(rng, around),
      };
      const rest = randomBlock(rng, { ...around, buffers }, depth - 1);
      return {
        kind: "alloc",
        dtype: "f32",
        buffer,
        shape,
        memory: pick(rng, MEMORIES),
        body: rng.int(3) === 0 ? rest : [first, ...rest],
      };
    }
  }
}

/** A random procedure that keeps every rule: x, w read; y, z written; all four are mentioned, and an index table. */
export function randomProc(rng: Rng): LoopProc {
  const params: readonly Param[] = [
    { name: "x", role: "input", dtype: "f32", storage: plainStorage([3, 4]) },
    { name: "w", role: "weight", dtype: "f32", storage: plainStorage([5]) },
    { name: "y", role: "output", dtype: "f32", storage: plainStorage([4, 2]) },
    { name: "z", role: "output", dtype: "f32", storage: plainStorage([1]) },
    {
      ...{ name: TABLE.name, role: "weight", dtype: "i32", bound: TABLE.bound },
      storage: plainStorage([TABLE.length]),
    },
  ];
  const buffers = new Map(
    params.flatMap((p) => (p.bound === undefined ? [[p.name, p.storage.shape] as const] : [])),
  );
  const mention: Stmt = {
    kind: "store",
    buffer: "z",
    at: [constant(0)],
    value: binary(
      "add",
      load("x", [constant(1), lookup(TABLE, constant(2))]),
      binary("add", load("w", [constant(0)]), load("y", [constant(1), constant(1)])),
    ),
  };
  return {
    stage: "loop",
    name: "random",
    params,
    body: [mention, ...randomBlock(rng, { ranges: new Map(), buffers }, 4)],
  };
}
