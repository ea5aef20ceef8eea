import { laneType } from "../ir/lane-type.ts";
import { mapOperands } from "../ir/rewrite-vector.ts";
import { dependences, type VBlock, type VExpr, type VStmt, walkVExpr } from "../ir/vector.ts";
import type { Names } from "./names.ts";
import { apart, type Store } from "./pair-stores.ts";
import { mapRuns, type Straight, storedIn } from "./straight-line.ts";

/** Operations behind a store from which on it is worth it: a hard sigmoid has three, an activation of exp or tanh some thirty. */
const LONG = 3;

/**
 * Computes the values of neighbouring stores in turns, operation by operation, where each is a long row of operations that
 * wait for one another (Swish, tanh): a core in order would wait for each result.
 * @param turns how many at a time
 */
export function interleaveValues(block: VBlock, turns: number, names: Names): VBlock {
  return mapRuns(block, (run) => {
    const strands = strandsOf(run);
    const out: VStmt[] = [];
    let waiting: (readonly Straight[])[] = [];
    const flush = (): void => {
      out.push(...inTurns(waiting));
      waiting = [];
    };
    for (const { statements, ends } of strands) {
      const flat = ends ? flattened(statements, names) : statements;
      const long = flat.length >= LONG && flat.every((s) => s.kind !== "set");
      if (!long || !independent(waiting, flat) || waiting.length === turns) flush();
      if (long) waiting.push(flat);
      else out.push(...flat);
    }
    flush();
    return out;
  });
}

interface Strand {
  readonly statements: readonly Straight[];
  /** With a store; the last of a run may have none. */
  readonly ends: boolean;
}

/** A run cut behind each store, and behind the last sum that is added to before it. */
function strandsOf(run: readonly Straight[]): readonly Strand[] {
  const strands: Strand[] = [];
  let from = 0;
  let sums = 0;
  run.forEach((s, i) => {
    if (s.kind === "set") sums = i + 1;
    if (s.kind !== "store") return;
    if (sums > from) strands.push({ statements: run.slice(from, sums), ends: false });
    strands.push({ statements: run.slice(Math.max(from, sums), i + 1), ends: true });
    from = i + 1;
  });
  if (from < run.length) strands.push({ statements: run.slice(from), ends: false });
  return strands;
}

/** One operation a statement, where there are many. */
function flattened(statements: readonly Straight[], names: Names): readonly Straight[] {
  let operations = 0;
  for (const s of statements)
    walkVExpr(s.value, (e) => {
      if (isOperation(e)) operations++;
    });
  if (operations < LONG) return statements;
  return statements.flatMap((s): readonly Straight[] => {
    const lets: Straight[] = [];
    const named = (e: VExpr): VExpr => {
      const value = mapOperands(e, named);
      if (!isOperation(e) || !("lanes" in e) || e.lanes === 1) return value;
      const name = names.numbered("t_");
      lets.push({ kind: "let", name, lanes: e.lanes, value });
      return { kind: "register", name, lanes: e.lanes, dtype: laneType(e) };
    };
    const value = mapOperands(s.value, named);
    if (s.kind === "store" && isOperation(s.value)) {
      const name = names.numbered("t_");
      return [
        ...lets,
        { kind: "let", name, lanes: s.lanes, value },
        { ...s, value: { kind: "register", name, lanes: s.lanes, dtype: laneType(value) } },
      ];
    }
    return [...lets, { ...s, value }];
  });
}

function isOperation(e: VExpr): boolean {
  return (
    e.kind !== "register" &&
    e.kind !== "literal" &&
    e.kind !== "index" &&
    e.kind !== "iota" &&
    e.kind !== "load" &&
    e.kind !== "splat"
  );
}

/**
 * Whether a strand and those waiting may go in any order: it uses nothing that they compute, constants apart, neither reads
 * what the other stores to, and no two of them store to one place.
 */
function independent(waiting: readonly (readonly Straight[])[], strand: readonly Straight[]): boolean {
  const before = waiting.flat();
  const made = new Set(before.flatMap((s) => (s.kind === "let" && !isConstant(s) ? [s.name] : [])));
  const [theirs, own] = [storedIn(before), storedIn(strand)];
  if (strand.some((s) => uses(s, made, theirs)) || before.some((s) => uses(s, new Set(), own))) return false;
  return storesOf(strand).every((a) => storesOf(before).every((b) => a.buffer !== b.buffer || apart(a, b)));
}

/** Whether a statement mentions one of the registers, or reads one of the buffers. */
function uses(s: Straight, registers: ReadonlySet<string>, buffers: ReadonlySet<string>): boolean {
  const own = dependences(s.value);
  return (
    [...own.registers].some((name) => registers.has(name)) ||
    [...own.buffers].some((name) => buffers.has(name))
  );
}

function storesOf(block: readonly Straight[]): readonly Store[] {
  return block.flatMap((s) => (s.kind === "store" ? [s] : []));
}

function isConstant(s: Straight): boolean {
  return s.kind === "let" && s.value.kind === "splat" && s.value.value.kind === "literal";
}

/** The constants of all strands, then one statement of each in turns. */
function inTurns(strands: readonly (readonly Straight[])[]): readonly Straight[] {
  if (strands.length < 2) return strands.flat();
  const rest = strands.map((strand) => strand.filter((s) => !isConstant(s)));
  const longest = Math.max(...rest.map(({ length }) => length));
  const steps = Array.from({ length: longest }, (_, i) => rest.flatMap((strand) => strand.slice(i, i + 1)));
  return [...strands.flat().filter(isConstant), ...steps.flat()];
}
