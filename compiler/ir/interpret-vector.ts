import { defined } from "../support/assert.ts";
import { InternalError } from "../support/diagnostic.ts";
import {
  applyBinary,
  applyCond,
  applyUnary,
  convertNumber,
  fused,
  reciprocalEstimate,
} from "./arithmetic.ts";
import { type DType, f16Bits, f16Value, rounded, type TypedArray } from "./dtype.ts";
import type { Cond } from "./expr.ts";
import { applyFunction } from "./functions.ts";
import { constant, type Index } from "./index-expr.ts";
import { heldIndex } from "./index-table.ts";
import { interpret } from "./interpret.ts";
import { laneType } from "./lane-type.ts";
import { makeArray, unwritten } from "./typed-array.ts";
import type { LaneFunction, VBlock, VExpr, VectorProc } from "./vector.ts";

/** Where a pointer points: a buffer and an element of it. */
interface Pointer {
  readonly memory: TypedArray;
  readonly at: number;
}
interface State {
  readonly axes: Map<string, number>;
  readonly registers: Map<string, TypedArray>;
  readonly pointers: Map<string, Pointer>;
}

/**
 * Runs a vector procedure over its whole grid on buffers as they lie in memory (packed), in place.
 * Slow and exact: each operation rounds to its type, a multiply-add rounds once. Means what the C that is printed
 * means: quotients round towards zero, and a pointer or an access outside its buffer throws.
 */
export function interpretVector(proc: VectorProc, memory: Readonly<Record<string, TypedArray>>): void {
  const pointers = new Map<string, Pointer>(
    proc.params.map((p) => [p.name, { memory: defined(memory[p.name], `buffer ${p.name}`), at: 0 }]),
  );
  for (const { name, size, dtype } of proc.scratch) {
    pointers.set(name, { memory: unwritten(dtype, size), at: 0 });
  }
  const state: State = { axes: new Map(), registers: new Map(), pointers };
  const overGrid = (depth: number): void => {
    if (depth === proc.grid.length) {
      runBlock(proc.body, state);
      return;
    }
    const { axis, extent } = proc.grid[depth];
    for (let i = 0; i < extent; i++) {
      state.axes.set(axis, i);
      overGrid(depth + 1);
    }
  };
  overGrid(0);
}

function runBlock(block: VBlock, state: State): void {
  for (const s of block) {
    switch (s.kind) {
      case "for":
        for (let i = 0; i < s.extent; i++) {
          state.axes.set(s.axis, i);
          runBlock(s.body, state);
        }
        state.axes.delete(s.axis);
        break;
      case "if":
        if (holds(s.cond, state)) runBlock(s.body, state);
        break;
      case "declare":
        state.registers.set(s.name, unwritten(s.dtype, s.lanes));
        break;
      case "fence":
        break;
      case "array":
        state.pointers.set(s.name, { memory: unwritten(s.dtype, s.size), at: 0 });
        break;
      case "pointer": {
        const base = defined(state.pointers.get(s.base), s.base);
        const at = base.at + integer(s.at, state);
        if (at < 0 || at > base.memory.length) throw new InternalError(`pointer ${s.name} leaves its buffer`);
        state.pointers.set(s.name, { memory: base.memory, at });
        break;
      }
      case "let":
      case "set":
        state.registers.set(s.name, value(s.value, state));
        break;
      case "prefetch":
        break;
      case "store": {
        const to = defined(state.pointers.get(s.buffer), s.buffer);
        const stored = value(s.value, state);
        to.memory.set(stored, inside(to, s.at, stored.length, state, s.buffer));
        break;
      }
    }
  }
}

/** The numbers of vectors, one behind the other, as a type. */
function converted(to: DType, parts: readonly TypedArray[]): TypedArray {
  const from = parts.flatMap((part) => [...part]);
  return vector(to, from.length, (i) => convertNumber(to, from[i]));
}

function value(e: VExpr, state: State): TypedArray {
  const dtype = laneType(e);
  switch (e.kind) {
    case "literal":
      return vector(dtype, 1, () => e.value);
    case "index":
      return vector(dtype, 1, () => integer(e.index, state));
    case "register":
      return defined(state.registers.get(e.name), `register ${e.name}`);
    case "load": {
      const from = defined(state.pointers.get(e.buffer), e.buffer);
      const at = inside(from, e.at, e.lanes, state, e.buffer);
      return from.memory.slice(at, at + e.lanes);
    }
    case "splat":
      return makeArray(dtype, e.lanes).fill(value(e.value, state)[0]);
    case "unary":
      return value(e.value, state).map((v) => applyUnary(e.op, v, dtype));
    case "call": {
      const args = e.args.map((arg) => value(arg, state));
      return args[0].map((_, i) => laneCall(e.fn, args, i));
    }
    case "exponent":
      return exponents(dtype, value(e.value, state));
    case "reciprocal":
      return value(e.value, state).map((v) => rounded(dtype, reciprocalEstimate(v)));
    case "convert":
      return converted(e.to, [value(e.value, state)]);
    case "narrow":
      return converted(e.to, [value(e.low, state), value(e.high, state)]);
    case "binary": {
      const rhs = value(e.rhs, state);
      return value(e.lhs, state).map((v, i) => applyBinary(e.op, v, rhs[i], dtype));
    }
    case "fma":
    case "fma-lane": {
      const a = value(e.a, state);
      const b = value(e.b, state);
      return value(e.acc, state).map((v, i) => fused(v, a[i], b[e.kind === "fma" ? i : e.lane], dtype));
    }
    case "fms": {
      const a = value(e.a, state);
      const b = value(e.b, state);
      return value(e.acc, state).map((v, i) => fused(v, -a[i], b[i], dtype));
    }
    case "mul-lane": {
      const b = value(e.b, state)[e.lane];
      return value(e.a, state).map((v) => applyBinary("mul", v, b, dtype));
    }
    case "instruction":
      return instructionResult(
        e,
        e.args.map((arg) => value(arg, state)),
      );
    case "select":
      return value(holds(e.when, state) ? e.then : e.otherwise, state);
    case "iota":
      return vector(dtype, e.lanes, (lane) => lane);
  }
}

/** An instruction does what its meaning does, on its operands as arrays; the first of two parts on zeros, to which the second adds the sum so far. */
function instructionResult(
  { instruction, part }: Pick<VExpr & { readonly kind: "instruction" }, "instruction" | "part">,
  args: readonly TypedArray[],
): TypedArray {
  const { operands, meaning } = instruction;
  const [written, ...read] = operands;
  const { dtype, lanes } = written;
  if (part === "then") return vector(dtype, lanes, (i) => args[0][i] + args[1][i]);
  if (part === "first") return instructionResult({ instruction }, [makeArray(dtype, lanes), ...args]);
  const adds = args.length === operands.length;
  const result = adds ? args[0].slice() : makeArray(written.dtype, written.lanes);
  const inputs = read.map((o, i) => [o.name, args[adds ? i + 1 : i].slice(0, o.lanes)] as const);
  interpret(meaning, Object.fromEntries([[written.name, result], ...inputs]));
  return result;
}

function vector(dtype: DType, lanes: number, at: (lane: number) => number): TypedArray {
  const made = makeArray(dtype, lanes);
  for (let lane = 0; lane < lanes; lane++) made[lane] = rounded(dtype, at(lane));
  return made;
}

function holds({ op, lhs, rhs }: Cond, state: State): boolean {
  return applyCond(op, integer(lhs, state), integer(rhs, state));
}

/** An index as C computes it. */
function integer({ terms, offset }: Index, state: State): number {
  let total = offset;
  for (const { coef, atom } of terms) {
    if (atom.kind === "axis") {
      const at = state.axes.get(atom.name);
      if (at === undefined) throw new InternalError(`axis ${atom.name} is used outside its loop`);
      total += coef * at;
      continue;
    }
    const of = integer(atom.of, state);
    if (atom.kind === "lookup") {
      const { name, bound, held } = atom.table;
      const table = defined(state.pointers.get(name), name);
      const element = table.memory[inside(table, constant(of), 1, state, name)];
      total += coef * (held ? heldIndex(element, bound) : element);
      continue;
    }
    total += coef * (atom.kind === "div" ? Math.trunc(of / atom.by) : of % atom.by);
  }
  return total;
}

/** The element at which an access begins. */
function inside({ memory, at }: Pointer, index: Index, lanes: number, state: State, name: string): number {
  const begin = at + integer(index, state);
  if (begin < 0 || begin + lanes > memory.length) throw new InternalError(`an access leaves ${name}`);
  return begin;
}

function exponents(dtype: DType, values: TypedArray): TypedArray {
  if (dtype === "f16") return values.map((v) => f16Value((f16Bits(v) << 10) & 0xffff));
  const bits = new Int32Array(values.slice().buffer);
  return new Float32Array(bits.map((b) => b << 23).buffer);
}

/** A function of what lies in lane `i`. */
function laneCall(fn: LaneFunction, args: readonly TypedArray[], i: number): number {
  const lane = args.map((arg) => arg[i]);
  return fn === "sqrt" ? applyUnary(fn, lane[0]) : applyFunction(fn, lane);
}
