import type { DType } from "../ir/dtype.ts";
import { binary, type Expr, literal, typeOf } from "../ir/expr.ts";
import { foldBlock } from "../ir/fold.ts";
import {
  axis as axisIndex,
  combine,
  constant,
  type Index,
  lookupsIn,
  type Ranges,
  rangeOf,
  usesAxis,
  ZERO,
} from "../ir/index-expr.ts";
import type { Param } from "../ir/proc.ts";
import { mapStmt } from "../ir/rewrite.ts";
import type { AllocStmt, Block, ForStmt, PrefetchStmt, ReduceStmt, StoreStmt } from "../ir/stmt.ts";
import { plainStorage } from "../ir/storage.ts";
import { substitute } from "../ir/substitute.ts";
import type { VBlock, VExpr, VStmt } from "../ir/vector.ts";
import { defined } from "../support/assert.ts";
import { UserError } from "../support/diagnostic.ts";
import { isCondScalar } from "./cond.ts";
import { lookedUp, notContiguous, scalarOnly, tableAtRunTime, unevenNumbers } from "./lane-errors.ts";
import { minusOne, multiplyAdd } from "./multiply-add.ts";
import { convertInstruction } from "./one-instruction.ts";
import { firstLane, type RegisterFile, registerAt, registerFile, registerNames } from "./register-file.ts";
import { vectorExp, vectorTanh } from "./vector-exp.ts";
import { flat, laneStride, laneZero, nameInC, type Scope } from "./vector-scope.ts";

/** Whole numbers up to here are floats. */
const EXACT = 2 ** 24;

/**
 * Turns loops marked `vector` into vector operations and local buffers into registers. Unrolled loops are
 * written out already, so a register's index is a constant.
 */
export function toVector(
  block: Block,
  params: readonly Param[],
  surroundings: Pick<Scope, "ranges" | "widthOf" | "machine" | "names" | "logistics">,
): VBlock {
  const memories = new Map(params.map((p) => [p.name, p]));
  return convertBlock(block, {
    ...surroundings,
    memories,
    registers: new Map(),
    lanes: 1,
    vector: undefined,
    first: firstLane(undefined),
    declared: new Map(),
    ...noLoads(),
  });
}

function convertBlock(block: Block, scope: Scope): VBlock {
  return block.flatMap((s): VBlock => {
    switch (s.kind) {
      case "for":
        if (s.mode === "instruction") return [convertInstruction(s, scope)];
        return s.mode === "vector" ? vectorLoop(s, scope) : [convertLoop(s, scope)];
      case "if":
        isCondScalar(s.cond, scope.vector);
        return [{ kind: "if", cond: s.cond, body: convertBlock(s.body, scope) }];
      case "alloc":
        return convertAlloc(s, scope);
      case "prefetch":
        return convertPrefetch(s, scope);
      case "store":
      case "reduce":
        return [convertWrite(s, scope)];
    }
  });
}

function convertLoop({ axis, extent, mode, body, note }: ForStmt, scope: Scope): VStmt {
  const inner = convertBlock(body, scope);
  return {
    ...{ kind: "for", axis, extent, body: inner },
    ...(note === undefined ? {} : { note }),
    ...(mode === "parallel" ? { shared: true } : {}),
  };
}

/** What lives in registers needs no fetching. */
function convertPrefetch(s: PrefetchStmt, scope: Scope): VBlock {
  const memory = scope.memories.get(s.buffer);
  return memory === undefined
    ? []
    : [{ ...s, buffer: memory.name, at: laneZero(flat(s.buffer, s.at, scope), scope) }];
}

/** A vector loop of k * lanes iterations becomes k groups of lanes; another one (see vectorWidth) is written out in scalars. */
function vectorLoop(loop: ForStmt, scope: Scope): VBlock {
  const { axis, extent, body } = loop;
  const width = scope.widthOf(loop);
  const inner = inLoop(axis, width, scope);
  const { ranges } = inner;
  // a choice that is the same for all lanes of a group is made here
  const group = (statements: Block): VBlock => convertBlock(foldBlock(statements, ranges), inner);
  return Array.from({ length: extent / width }, (_, i) => {
    if (width > 1 && i === 0) return group(body);
    const by = new Map([[axis, width > 1 ? combine([[axisIndex(axis), 1]], i * width) : constant(i)]]);
    return group(body.map((s) => mapStmt(s, (index) => substitute(index, by, ranges))));
  }).flat();
}

/** What is known of loads where local buffers begin to be others. */
function noLoads(): Pick<Scope, "loads" | "inLoops"> {
  return { loads: new Map(), inLoops: new Map() };
}

/** The scope of a vector loop, once for all loops of this name and width. */
function inLoop(axis: string, width: number, scope: Scope): Scope {
  const name = `${axis}:${width}`;
  const before = scope.inLoops.get(name);
  if (before !== undefined) return before;
  const vector = width > 1 ? axis : undefined;
  const ranges = withRange(scope.ranges, axis, width);
  const inner = { ...scope, ranges, lanes: width, vector, first: firstLane(vector), loads: new Map() };
  scope.inLoops.set(name, inner);
  return inner;
}

/** The bounds of all loops of that name are mostly those of this one. */
function withRange(ranges: Ranges, axis: string, extent: number): Ranges {
  const known = ranges.get(axis);
  if (known?.min === 0 && known.max === extent - 1) return ranges;
  return new Map(ranges).set(axis, { min: 0, max: extent - 1 });
}

function convertAlloc(s: AllocStmt, scope: Scope): VBlock {
  let times = scope.declared.get(s.buffer) ?? 0;
  while (!scope.names.take(namesOf(s, times, scope))) times++;
  scope.declared.set(s.buffer, times + 1);
  if (s.memory === "stack") {
    const name = arrayName(s, times);
    const memory = { name, storage: plainStorage(s.shape), dtype: s.dtype };
    const size = s.shape.reduce((a, b) => a * b, 1);
    const inner = { ...scope, ...noLoads(), memories: new Map([...scope.memories, [s.buffer, memory]]) };
    return [{ kind: "array", name, size, dtype: s.dtype }, ...convertBlock(s.body, inner)];
  }
  const file = registersOf(s, times, scope);
  const inner = { ...scope, ...noLoads(), registers: new Map([...scope.registers, [s.buffer, file]]) };
  const { lanes, dtype } = file;
  const declared = registerNames(file).map((name): VStmt => ({ kind: "declare", name, lanes, dtype }));
  return [...declared, ...convertBlock(s.body, inner)];
}

/** Names that a local buffer takes in C when it is declared again, `times` times after the first. */
function namesOf(s: AllocStmt, times: number, scope: Scope): readonly string[] {
  return s.memory === "stack" ? [arrayName(s, times)] : registerNames(registersOf(s, times, scope));
}

function arrayName(s: AllocStmt, times: number): string {
  return times === 0 ? s.buffer : `${s.buffer}_${times}`;
}

function registersOf(s: AllocStmt, times: number, { widthOf }: Scope): RegisterFile {
  return registerFile(s, widthOf, times === 0 ? s.buffer : `${s.buffer}_${times}_`);
}

function convertWrite(s: StoreStmt | ReduceStmt, scope: Scope): VStmt {
  const file = scope.registers.get(s.buffer);
  const at = file === undefined ? flat(s.buffer, s.at, scope) : ZERO;
  const lanes = lanesOfWrite(s, at, scope, file);
  const value = convertExpr(s.value, scope, lanes);
  const dtype = typeOf(s.value);
  if (file) {
    const name = registerAt(file, s.at, scope, true);
    const old: VExpr = { kind: "register", name, lanes, dtype };
    return {
      kind: "set",
      name,
      lanes,
      value: s.kind === "store" ? value : combineWith(s, old, value, lanes),
    };
  }
  const place = { buffer: nameInC(s.buffer, scope), at: laneZero(at, scope), lanes };
  const old: VExpr = { kind: "load", ...place, dtype };
  return { kind: "store", ...place, value: s.kind === "store" ? value : combineWith(s, old, value, lanes) };
}

/** `at`: where in memory it writes, unless that is a register. */
function lanesOfWrite(
  s: StoreStmt | ReduceStmt,
  at: Index,
  scope: Scope,
  file: RegisterFile | undefined,
): number {
  if (scope.vector === undefined) return 1;
  const stride = file ? 1 : laneStride(at, scope);
  if (stride !== 1) throw apart(s.buffer, at, scope, stride);
  return scope.lanes;
}

/** Why neighbouring lanes are no neighbours in memory. */
function apart(buffer: string, index: Index, { vector = "" }: Scope, stride: number | undefined): UserError {
  const moving = lookupsIn(index).filter(({ of }) => usesAxis(of, vector));
  if (moving.length === 0) return new UserError(notContiguous(buffer, vector, stride));
  return new UserError(lookedUp(buffer, vector, [...new Set(moving.map(({ table }) => table.name))]));
}

function combineWith(s: ReduceStmt, old: VExpr, value: VExpr, lanes: number): VExpr {
  if (s.op === "max") return { kind: "binary", op: "max", lanes, lhs: old, rhs: value };
  const negated = minusOne(value);
  if (negated !== undefined) return { kind: "binary", op: "sub", lanes, lhs: old, rhs: negated };
  // single numbers of f16 round after each operation: C has no fused one for them
  if (value.kind === "binary" && value.op === "mul" && (lanes > 1 || typeOf(s.value) !== "f16")) {
    return { kind: "fma", lanes, acc: old, a: value.lhs, b: value.rhs };
  }
  return { kind: "binary", op: "add", lanes, lhs: old, rhs: value };
}

function convertExpr(e: Expr, scope: Scope, lanes: number): VExpr {
  switch (e.kind) {
    case "literal":
      return lanes === 1 ? e : { kind: "splat", value: e, lanes };
    case "index":
      return lanes === 1 ? e : convertNumbers(e.index, e.dtype, scope, lanes);
    case "load": {
      const before = scope.loads.get(e);
      if (before !== undefined) return before;
      const load = convertLoad(e.buffer, e.at, scope, lanes);
      scope.loads.set(e, load);
      return load;
    }
    case "table":
      throw new UserError(tableAtRunTime(e));
    case "binary": {
      const logistic = scope.logistics.of(e, (operand) => convertExpr(operand, scope, lanes), lanes);
      if (logistic !== undefined) return logistic;
      const lhs = convertExpr(e.lhs, scope, lanes);
      return multiplyAdd(e.op, lhs, convertExpr(e.rhs, scope, lanes), lanes);
    }
    case "unary": {
      if (lanes !== 1 && e.op === "neg")
        return convertExpr(binary("mul", literal(-1, typeOf(e.value)), e.value), scope, lanes);
      const value = convertExpr(e.value, scope, lanes);
      if (lanes === 1) return { kind: "unary", op: e.op, value };
      if (e.op === "wrapI16") throw new UserError(scalarOnly("wrapI16", scope.vector ?? ""));
      if (e.op === "sqrt") return { kind: "call", fn: "sqrt", lanes, args: [value] };
      if (e.op === "tanh") return vectorTanh(value, lanes);
      const negated = minusOne(value);
      return negated === undefined ? vectorExp(value, lanes) : vectorExp(negated, lanes, -1);
    }
    case "call":
      return { kind: "call", fn: e.fn, lanes, args: e.args.map((arg) => convertExpr(arg, scope, lanes)) };
    case "convert": {
      const value = convertExpr(e.value, scope, lanes);
      const { to, small } = e;
      const made = { kind: "convert", to, ...(small && { small }) } as const;
      if (value.kind !== "splat") return { ...made, lanes, value };
      return { kind: "splat", lanes, value: { ...made, lanes: 1, value: value.value } };
    }
    case "select": {
      if (lanes !== 1) throw new UserError(scalarOnly("a choice", scope.vector ?? ""));
      const then = convertExpr(e.then, scope, 1);
      return { kind: "select", when: e.when, then, otherwise: convertExpr(e.otherwise, scope, 1) };
    }
  }
}

/** An index as a number in each lane. */
function convertNumbers(index: Index, dtype: DType, scope: Scope, lanes: number): VExpr {
  const { min, max } = rangeOf(index, scope.ranges);
  const stride = laneStride(index, scope);
  const first: VExpr = { kind: "index", index: laneZero(index, scope), dtype };
  const inFirst: VExpr = { kind: "splat", value: first, lanes };
  if (stride === 0) return inFirst;
  // a sum of two floats is the sum of the whole numbers only where both are exact
  if (stride === undefined || min < -EXACT || max > EXACT) {
    throw new UserError(unevenNumbers(scope.vector ?? "", stride));
  }
  const lane: VExpr = { kind: "iota", lanes, dtype };
  const factor: VExpr = { kind: "splat", value: { kind: "literal", value: stride, dtype }, lanes };
  const scaled: VExpr = stride === 1 ? lane : { kind: "binary", op: "mul", lanes, lhs: lane, rhs: factor };
  return { kind: "binary", op: "add", lanes, lhs: inFirst, rhs: scaled };
}

function convertLoad(buffer: string, at: readonly Index[], scope: Scope, lanes: number): VExpr {
  const file = scope.registers.get(buffer);
  if (file) {
    const value: VExpr = {
      kind: "register",
      name: registerAt(file, at, scope),
      lanes: file.lanes,
      dtype: file.dtype,
    };
    return lanes > file.lanes ? { kind: "splat", value, lanes } : value;
  }
  const index = flat(buffer, at, scope);
  const stride = lanes === 1 ? 1 : laneStride(index, scope);
  const { name, dtype } = defined(scope.memories.get(buffer), buffer);
  const place = { kind: "load", buffer: name, at: laneZero(index, scope), dtype } as const;
  if (stride === 0) return { kind: "splat", value: { ...place, lanes: 1 }, lanes };
  if (stride !== 1) throw apart(buffer, index, scope, stride);
  return { ...place, lanes };
}
