import { InternalError } from "../support/diagnostic.ts";
import { escapes } from "./bounds.ts";
import { type Cond, opposites } from "./expr.ts";
import { axesOf, combine, type Index, type Range, type Ranges, rangeOf, ZERO } from "./index-expr.ts";
import { physicalSize } from "./storage.ts";
import { indicesOf, operands, type VBlock, type VExpr, type VectorProc, type VStmt } from "./vector.ts";

/**
 * Checks what C takes for granted of a vector procedure, so that a broken one is caught where it was made.
 *
 * @param pass the pass that made the procedure, named in the message
 * @throws InternalError naming the pass and the rule: "scope" (whatever is mentioned was made before, and still is),
 *   "division" (what is divided is never negative), "pointer" (none leaves its buffer) or "bounds" (nor does an access)
 */
export function validateVector(proc: VectorProc, pass: string): void {
  const fail = (rule: string, what: string): never => {
    throw new InternalError(`${pass} broke the ${rule} rule in ${proc.name}: ${what}`);
  };
  const buffers = new Map([
    ...proc.params.map((p) => [p.name, { size: physicalSize(p.storage), at: ZERO }] as const),
    ...proc.scratch.map(({ name, size }) => [name, { size, at: ZERO }] as const),
  ]);
  const grid = proc.grid.map(({ axis, extent }) => [axis, { min: 0, max: extent - 1 }] as const);
  checkBlock(proc.body, { fail, buffers, registers: new Set(), ranges: new Map(grid), guards: [] });
}

/** A parameter, array or pointer: where it points, and the size of the buffer it points into. */
interface Place {
  readonly size: number;
  readonly at: Index;
}
interface Context {
  readonly fail: (rule: string, what: string) => never;
  readonly buffers: Map<string, Place>;
  readonly registers: Set<string>;
  readonly ranges: Ranges;
  readonly guards: readonly Cond[];
}

/** What a block makes is gone behind it. */
function checkBlock(block: VBlock, outside: Context): void {
  const c = { ...outside, buffers: new Map(outside.buffers), registers: new Set(outside.registers) };
  for (const s of block) checkStmt(s, c);
}

function checkStmt(s: VStmt, c: Context): void {
  switch (s.kind) {
    case "for":
      checkBlock(s.body, { ...c, ranges: new Map(c.ranges).set(s.axis, { min: 0, max: s.extent - 1 }) });
      return;
    case "if":
      checkCond(s.cond, c);
      checkBlock(s.body, { ...c, guards: [...c.guards, s.cond] });
      return;
    case "declare":
      c.registers.add(s.name);
      return;
    case "let":
      checkValue(s.value, c);
      c.registers.add(s.name);
      return;
    case "set":
      checkValue(s.value, c);
      if (!c.registers.has(s.name)) c.fail("scope", `register ${s.name} is not declared`);
      return;
    case "store":
      checkValue(s.value, c);
      checkAccess(s.buffer, s.at, s.lanes, c);
      return;
    case "prefetch":
      placeOf(s.buffer, s.at, c);
      return;
    case "array":
      c.buffers.set(s.name, { size: s.size, at: ZERO });
      return;
    case "fence":
      placeOf(s.buffer, ZERO, c);
      return;
    case "pointer": {
      const place = placeOf(s.base, s.at, c);
      checkInside("pointer", s.name, place.at, place.size + 1, c);
      c.buffers.set(s.name, place);
    }
  }
}

function checkValue(e: VExpr, c: Context): void {
  if (e.kind === "load") {
    checkAccess(e.buffer, e.at, e.lanes, c);
    return;
  }
  for (const index of indicesOf(e)) checkIndex(index, c);
  if (e.kind === "register" && !c.registers.has(e.name)) c.fail("scope", `register ${e.name} is not there`);
  if (e.kind !== "select") {
    for (const o of operands(e)) checkValue(o, c);
    return;
  }
  checkValue(e.then, { ...c, guards: [...c.guards, e.when] });
  for (const not of opposites(e.when)) checkValue(e.otherwise, { ...c, guards: [...c.guards, not] });
}

function checkCond({ lhs, rhs }: Cond, c: Context): void {
  checkIndex(lhs, c);
  checkIndex(rhs, c);
}

function checkIndex(index: Index, c: Context): void {
  for (const name of axesOf(index)) {
    if (!c.ranges.has(name)) c.fail("scope", `axis ${name} is used outside its loop`);
  }
  for (const { atom } of index.terms) {
    if (atom.kind === "axis") continue;
    checkIndex(atom.of, c);
    if (atom.kind === "lookup") {
      checkAccess(atom.table.name, atom.of, 1, c);
      continue;
    }
    const { min } = rangeOf(atom.of, c.ranges);
    if (min < 0) c.fail("division", `what is divided by ${atom.by} may be ${min}`);
  }
}

function placeOf(buffer: string, at: Index, c: Context): Place {
  const base = c.buffers.get(buffer) ?? c.fail("scope", `${buffer} is not there`);
  checkIndex(at, c);
  return {
    size: base.size,
    at: combine([
      [base.at, 1],
      [at, 1],
    ]),
  };
}

function checkAccess(buffer: string, at: Index, lanes: number, c: Context): void {
  const place = placeOf(buffer, at, c);
  checkInside("bounds", buffer, place.at, place.size - lanes + 1, c);
}

/** Complains of an iteration that shows it; of so many that nobody can look, all are taken to be right. */
function checkInside(rule: string, what: string, at: Index, extent: number, c: Context): void {
  const found = escapes(at, extent, c.ranges, c.guards);
  if (found?.witness === undefined) return;
  const { min, max }: Range = found.range;
  c.fail(rule, `${what} runs from ${min} to ${max} of 0 to ${extent - 1}`);
}
