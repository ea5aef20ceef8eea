import type { DType } from "../ir/dtype.ts";
import { laneType } from "../ir/lane-type.ts";
import { mapOperands } from "../ir/rewrite-vector.ts";
import { type VBlock, type VExpr, type VStmt, walkVExpr } from "../ir/vector.ts";
import { type Names, pointerFrom, pointerStem } from "./names.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

/** Where a pointer that walks stands: its present name, and elements from the pointer it was made from. */
interface Step {
  readonly name: string;
  readonly at: number;
}

/**
 * For instruction sets whose vector loads and stores take no offset, but can move their pointer on: accesses of a run of
 * straight-line code at a pointer and a constant become accesses at pointers that walk from one to the next. The C
 * compiler would make each address anew, by an instruction for each access; `kept` tells it not to.
 */
export function walkPointers(block: VBlock, names: Names): VBlock {
  return mapRuns(block, (run) => walkRun(run, names));
}

/** A register is worth its making where so many steps take it: gcc writes out short loops whole, which counts for more. */
const FEWEST_STEPS = 5;

function walkRun(run: readonly Straight[], names: Names): VBlock {
  const ahead = accesses(run);
  const now = new Map<string, Step>();
  const often = oftenStepped(ahead, run);
  const registers = new Map<number, string>();
  const byRegister = (step: number, stem: string): { by?: { name: string; first: boolean } } => {
    if (!often.has(step)) return {};
    const known = registers.get(step);
    const name = known ?? names.numbered(`${stem}_s`);
    registers.set(step, name);
    return { by: { name, first: known === undefined } };
  };
  const moveTo = (pointer: string, dtype: DType, offset: number, writable: boolean): VStmt => {
    const from = now.get(pointer) ?? { name: pointer, at: 0 };
    const { name, number } = pointerFrom(pointer, "n", names);
    now.set(pointer, { name, at: offset });
    const at = { terms: [], offset: offset - from.at };
    return {
      kind: "pointer",
      name,
      base: from.name,
      dtype,
      at,
      writable,
      kept: "walks with its accesses",
      number,
      ...byRegister(at.offset, pointerStem(pointer)),
    };
  };
  return run.flatMap((s, i): VStmt[] => {
    const before: VStmt[] = [];
    const after: VStmt[] = [];
    const mine = [...ahead].flatMap(([pointer, { at, dtype, writable }]) => {
      const here = at.filter((a) => a.statement === i);
      return here.length === 0
        ? []
        : [{ pointer, dtype, here, writable, next: at.find((a) => a.statement > i) }];
    });
    for (const { pointer, dtype, here, writable } of mine) {
      const first = !now.has(pointer);
      if (first) now.set(pointer, { name: pointer, at: 0 });
      if (first && here[0].offset !== 0) before.push(moveTo(pointer, dtype, here[0].offset, writable));
    }
    const moved = rebased(s, now);
    for (const { pointer, dtype, writable, next } of mine) {
      if (next !== undefined && next.offset !== now.get(pointer)?.at)
        after.push(moveTo(pointer, dtype, next.offset, writable));
    }
    return [...before, moved, ...after];
  });
}

interface Accesses {
  readonly at: { readonly statement: number; readonly offset: number }[];
  readonly dtype: DType;
  writable: boolean;
}

/** Vector accesses at a constant from each pointer, in the order of the text, of pointers with several places. */
function accesses(run: readonly Straight[]): ReadonlyMap<string, Accesses> {
  const found = new Map<string, Accesses>();
  run.forEach((s, statement) => {
    const add = (buffer: string, dtype: DType, offset: number): Accesses => {
      const known = found.get(buffer) ?? { at: [], dtype, writable: false };
      known.at.push({ statement, offset });
      found.set(buffer, known);
      return known;
    };
    walkVExpr(s.value, (e) => {
      if (e.kind === "load" && walks(e)) add(e.buffer, e.dtype, e.at.offset);
    });
    if (s.kind === "store" && walks(s)) add(s.buffer, laneType(s.value), s.at.offset).writable = true;
  });
  return new Map([...found].filter(([, { at }]) => at.some(({ offset }) => offset !== at[0].offset)));
}

/** Distances between accesses that come often, but for those of neighbours: a pointer moves on by these without a register. */
function oftenStepped(ahead: ReadonlyMap<string, Accesses>, run: readonly Straight[]): ReadonlySet<number> {
  const lanes = Math.max(...run.map((s) => s.lanes));
  const count = new Map<number, number>();
  for (const { at } of ahead.values()) {
    at.forEach(({ offset }, i) => {
      const step = i === 0 ? 0 : offset - at[i - 1].offset;
      if (step !== 0 && step !== lanes) count.set(step, (count.get(step) ?? 0) + 1);
    });
  }
  return new Set([...count].filter(([, n]) => n >= FEWEST_STEPS).map(([step]) => step));
}

function walks(access: {
  readonly lanes: number;
  readonly at: { readonly terms: readonly unknown[] };
}): boolean {
  return access.lanes > 1 && access.at.terms.length === 0;
}

function rebased(s: Straight, now: ReadonlyMap<string, Step>): Straight {
  const place = <
    A extends {
      readonly buffer: string;
      readonly lanes: number;
      readonly at: { readonly terms: readonly unknown[]; readonly offset: number };
    },
  >(
    access: A,
  ): A => {
    const step = walks(access) ? now.get(access.buffer) : undefined;
    return step === undefined
      ? access
      : { ...access, buffer: step.name, at: { terms: [], offset: access.at.offset - step.at } };
  };
  const rewrite = (e: VExpr): VExpr => (e.kind === "load" ? place(e) : mapOperands(e, rewrite));
  return s.kind === "store" ? { ...place(s), value: rewrite(s.value) } : { ...s, value: rewrite(s.value) };
}
