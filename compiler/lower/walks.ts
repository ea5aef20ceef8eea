import { mapOperands, type VBlock, type VExpr, type VStmt, walkVExpr } from "../ir/vector.ts";
import type { Names } from "./names.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

/** Where a pointer that walks stands: its present name, and floats from the pointer it was made from. */
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

function walkRun(run: readonly Straight[], names: Names): VBlock {
  const ahead = accesses(run);
  const now = new Map<string, Step>();
  const moveTo = (pointer: string, offset: number, writable: boolean): VStmt => {
    const from = now.get(pointer) ?? { name: pointer, at: 0 };
    const name = names.numbered(`${pointer.replace(/_(p|near|far)\d*$/, "")}_n`);
    now.set(pointer, { name, at: offset });
    const at = { terms: [], offset: offset - from.at };
    // where code is written out twice, the second would keep the first one's pointers
    const number = Number(/\d+$/.exec(name)?.[0]);
    return { kind: "pointer", name, base: from.name, at, writable, kept: "walks with its accesses", number };
  };
  return run.flatMap((s, i): VStmt[] => {
    const before: VStmt[] = [];
    const after: VStmt[] = [];
    const mine = [...ahead].flatMap(([pointer, { at, writable }]) => {
      const here = at.filter((a) => a.statement === i);
      return here.length === 0 ? [] : [{ pointer, here, writable, next: at.find((a) => a.statement > i) }];
    });
    for (const { pointer, here, writable } of mine) {
      const first = !now.has(pointer);
      if (first) now.set(pointer, { name: pointer, at: 0 });
      if (first && here[0].offset !== 0) before.push(moveTo(pointer, here[0].offset, writable));
    }
    const moved = rebased(s, now);
    for (const { pointer, writable, next } of mine) {
      if (next !== undefined && next.offset !== now.get(pointer)?.at)
        after.push(moveTo(pointer, next.offset, writable));
    }
    return [...before, moved, ...after];
  });
}

interface Accesses {
  readonly at: { readonly statement: number; readonly offset: number }[];
  writable: boolean;
}

/** Vector accesses at a constant from each pointer, in the order of the text, of pointers with several places. */
function accesses(run: readonly Straight[]): ReadonlyMap<string, Accesses> {
  const found = new Map<string, Accesses>();
  run.forEach((s, statement) => {
    const add = (buffer: string, offset: number): Accesses => {
      const known = found.get(buffer) ?? { at: [], writable: false };
      known.at.push({ statement, offset });
      found.set(buffer, known);
      return known;
    };
    walkVExpr(s.value, (e) => {
      if (e.kind === "load" && walks(e)) add(e.buffer, e.at.offset);
    });
    if (s.kind === "store" && walks(s)) add(s.buffer, s.at.offset).writable = true;
  });
  return new Map([...found].filter(([, { at }]) => at.some(({ offset }) => offset !== at[0].offset)));
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
