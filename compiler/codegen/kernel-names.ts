import { type Atom, axesOf, type Index, lookupsIn } from "../ir/index-expr.ts";
import { mapSame } from "../ir/rewrite.ts";
import { mapCond, mapOperands } from "../ir/rewrite-vector.ts";
import { indicesOf, operands, type VBlock, type VExpr, type VectorProc, type VStmt } from "../ir/vector.ts";
import type { Isa } from "../machine/target.schema.ts";
import { SCALAR_HELPERS } from "./c-expr.ts";
import { LANE_FUNCTION_NAMES, MATH_FUNCTIONS, OWN_FUNCTIONS } from "./c-functions.ts";
import { cNames } from "./c-names.ts";

/** What every kernel's text says itself: types, functions of libm, the part of the grid and its loop. */
const PRINTED = [
  ..."begin end task block_begin step_end ptrdiff_t int8_t uint8_t int32_t expf sqrtf tanhf rintf".split(" "),
  ...Object.keys(SCALAR_HELPERS),
  ...Object.keys(OWN_FUNCTIONS),
  ...MATH_FUNCTIONS,
  ...LANE_FUNCTION_NAMES,
];

/** The procedure with names that C can take: a loop may be called `task`, a tensor `double`. */
export function withCNames(proc: VectorProc, isa: Isa): VectorProc {
  const names = [...new Set([proc.name, ...proc.params.map((p) => p.name), ...namesIn(proc)])];
  const safe = cNames(names, takenBy(isa));
  const changed = new Map(names.flatMap((name, i) => (name === safe[i] ? [] : [[name, safe[i]]])));
  if (changed.size === 0) return proc;
  const to = (name: string): string => changed.get(name) ?? name;
  return {
    ...proc,
    name: to(proc.name),
    params: proc.params.map((p) => ({ ...p, name: to(p.name) })),
    scratch: proc.scratch.map((s) => ({ ...s, name: to(s.name) })),
    grid: proc.grid.map((g) => ({ ...g, axis: to(g.axis) })),
    body: renamed(proc.body, to),
  };
}

/** Every name of the body, loops of the grid and large arrays included. */
function namesIn({ grid, scratch, body }: VectorProc): string[] {
  return [...grid.map((g) => g.axis), ...scratch.map((s) => s.name), ...namesOf(body)];
}

/** Every name that a block mentions: loops, buffers, pointers and registers. */
export function namesOf(block: VBlock, into: Set<string> = new Set()): ReadonlySet<string> {
  for (const s of block) {
    switch (s.kind) {
      case "for":
        into.add(s.axis);
        namesOf(s.body, into);
        break;
      case "if":
        namesInIndex(s.cond.lhs, into);
        namesInIndex(s.cond.rhs, into);
        namesOf(s.body, into);
        break;
      case "declare":
      case "array":
        into.add(s.name);
        break;
      case "let":
      case "set":
        into.add(s.name);
        namesInValue(s.value, into);
        break;
      case "store":
        into.add(s.buffer);
        namesInIndex(s.at, into);
        namesInValue(s.value, into);
        break;
      case "prefetch":
        into.add(s.buffer);
        namesInIndex(s.at, into);
        break;
      case "fence":
        into.add(s.buffer);
        break;
      case "pointer":
        into.add(s.name).add(s.base);
        namesInIndex(s.at, into);
        if (s.by !== undefined) into.add(s.by.name);
        break;
    }
  }
  return into;
}

function namesInValue(e: VExpr, into: Set<string>): void {
  if (e.kind === "register") into.add(e.name);
  if (e.kind === "load") into.add(e.buffer);
  for (const index of indicesOf(e)) namesInIndex(index, into);
  for (const o of operands(e)) namesInValue(o, into);
}

function namesInIndex(index: Index, into: Set<string>): void {
  axesOf(index, into);
  for (const { table } of lookupsIn(index)) into.add(table.name);
}

/** Instruction sets never change, and all kernels of a target ask for the same. */
const taken = new WeakMap<Isa, readonly string[]>();

/** Names that a kernel's text may have in it whatever the kernel. */
function takenBy(isa: Isa): readonly string[] {
  const before = taken.get(isa);
  if (before !== undefined) return before;
  const words = [...new Set([...PRINTED, ...wordsOf(isa)])];
  taken.set(isa, words);
  return words;
}

/** Names that the instruction set's rows are made of. */
function wordsOf({
  ops,
  vectorType,
  halfType,
  vectorTypes = {},
  rows = [],
  instructions = [],
  laneRegisters,
}: Isa): readonly string[] {
  const types = [vectorType, halfType, ...Object.values(vectorTypes), laneRegisters?.c];
  return [...types, ...Object.values(ops), ...[...rows, ...instructions].map((row) => row.c)].flatMap(
    (row) => (row ?? "").replaceAll(/\$(lane|number)/g, "").match(/[A-Za-z_]\w*/g) ?? [],
  );
}

function renamed(block: VBlock, to: (name: string) => string): VBlock {
  return block.map((s): VStmt => {
    switch (s.kind) {
      case "for":
        return { ...s, axis: to(s.axis), body: renamed(s.body, to) };
      case "if":
        return { ...s, cond: mapCond(s.cond, (index) => inIndex(index, to)), body: renamed(s.body, to) };
      case "declare":
      case "array":
        return { ...s, name: to(s.name) };
      case "let":
      case "set":
        return { ...s, name: to(s.name), value: inValue(s.value, to) };
      case "store":
        return { ...s, buffer: to(s.buffer), at: inIndex(s.at, to), value: inValue(s.value, to) };
      case "prefetch":
        return { ...s, buffer: to(s.buffer), at: inIndex(s.at, to) };
      case "fence":
        return { ...s, buffer: to(s.buffer) };
      case "pointer": {
        const by = s.by === undefined ? {} : { by: { ...s.by, name: to(s.by.name) } };
        return { ...s, name: to(s.name), base: to(s.base), at: inIndex(s.at, to), ...by };
      }
    }
  });
}

function inValue(e: VExpr, to: (name: string) => string): VExpr {
  const inside = mapOperands(e, (o) => inValue(o, to));
  switch (inside.kind) {
    case "register": {
      const name = to(inside.name);
      return name === inside.name ? inside : { ...inside, name };
    }
    case "load": {
      const buffer = to(inside.buffer);
      const at = inIndex(inside.at, to);
      return buffer === inside.buffer && at === inside.at ? inside : { ...inside, buffer, at };
    }
    case "index": {
      const index = inIndex(inside.index, to);
      return index === inside.index ? inside : { ...inside, index };
    }
    case "select": {
      const when = mapCond(inside.when, (index) => inIndex(index, to));
      return when === inside.when ? inside : { ...inside, when };
    }
    default:
      return inside;
  }
}

/** The terms keep their order. */
function inIndex(index: Index, to: (name: string) => string): Index {
  const terms = mapSame(index.terms, (term) => {
    const atom = inAtom(term.atom, to);
    return atom === term.atom ? term : { ...term, atom };
  });
  return terms === index.terms ? index : { ...index, terms };
}

function inAtom(atom: Atom, to: (name: string) => string): Atom {
  if (atom.kind === "axis") {
    const name = to(atom.name);
    return name === atom.name ? atom : { ...atom, name };
  }
  const of = inIndex(atom.of, to);
  const inside = of === atom.of ? atom : { ...atom, of };
  if (inside.kind !== "lookup") return inside;
  const name = to(inside.table.name);
  return name === inside.table.name ? inside : { ...inside, table: { ...inside.table, name } };
}
