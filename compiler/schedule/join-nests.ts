import { axisNames, axisRanges } from "../ir/axes.ts";
import type { Cond } from "../ir/expr.ts";
import { axis, constant, divMod, type Index, type Range, type Ranges, subtract } from "../ir/index-expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import { mapBlocks, mapSame } from "../ir/rewrite.ts";
import { type Block, type ForStmt, loop, type Stmt } from "../ir/stmt.ts";
import { accessesOf, conflicting } from "./accesses.ts";
import { meet } from "./dependence.ts";
import { substituteBlock, withBody } from "./loops.ts";
import { bufferNames } from "./primitive.ts";

/**
 * Threads share out one parallel loop at the top. Several statements there, at least one of them such a loop, become one loop
 * that has the iterations of all of them, one after another; a statement that is no parallel loop is one iteration. Only
 * where all of them may run at the same time, else the procedure stays as it is, and they become steps (ir/steps.ts).
 *
 * ```ts before
 * for (const no of parallel(3)) { for (const i of range(4)) { y[no * 4 + i] = x[no * 4 + i]; } }
 * for (const i of range(2)) { y[i + 12] = x[i + 12]; }
 * ```
 * ```ts after
 * for (const nest of parallel(4)) {
 *   if (nest < 3) { for (const i of range(4)) { y[nest * 4 + i] = x[nest * 4 + i]; } }
 *   if (nest >= 3) { for (const i of range(2)) { y[i + 12] = x[i + 12]; } }
 * }
 * ```
 */
export function joinNests(proc: LoopProc): LoopProc {
  const ranges = axisRanges(proc.body);
  const name = freshName([...axisNames(proc.body), ...bufferNames(proc)]);
  const join = (block: Block): Block => {
    if (isOnce(block)) return mapSame(block, (s) => throughOnce(mapBlocks(s, join)));
    if (block.length < 2 || !block.some(isParallel) || nestsThatMeet(block, ranges) !== undefined)
      return block;
    return [joined(block, name, ranges)];
  };
  return withBody(proc, join(proc.body));
}

/** Whether a block is one loop of one iteration, which threads pass through. */
export function isOnce(block: Block): boolean {
  const [only] = block;
  if (block.length !== 1 || only.kind !== "for" || only.extent > 1) return false;
  return only.mode === "serial" || only.mode === "parallel";
}

/** A loop of one iteration around a parallel one is parallel, too: it keeps no thread from it. */
function throughOnce(s: Stmt): Stmt {
  if (s.kind !== "for" || s.mode !== "serial" || s.body.length !== 1) return s;
  return isParallel(s.body[0]) && sharedLoops(s.body[0]).loops.some((l) => l.extent > 1)
    ? { ...s, mode: "parallel" }
    : s;
}

function joined(block: Block, name: string, ranges: Ranges): ForStmt {
  const parts: Stmt[] = [];
  let first = 0;
  for (const [i, s] of block.entries()) {
    const { loops, inner } = sharedLoops(s);
    const range = { min: first, max: first + loops.reduce((n, l) => n * l.extent, 1) - 1 };
    const own = substituteBlock(inner, ...ofTask(name, range, loops, ranges));
    parts.push(during(name, range, i === block.length - 1, own));
    first = range.max + 1;
  }
  return loop(name, first, parts, "parallel");
}

export function isParallel(s: Stmt): s is ForStmt {
  return s.kind === "for" && s.mode === "parallel";
}

/** The parallel loops of a nest from the outside in, as long as each is all there is in the one before, and what they hold. */
export function sharedLoops(s: Stmt): { readonly loops: readonly ForStmt[]; readonly inner: Block } {
  if (!isParallel(s)) return { loops: [], inner: [s] };
  if (s.body.length !== 1) return { loops: [s], inner: s.body };
  const { loops, inner } = sharedLoops(s.body[0]);
  return { loops: [s, ...loops], inner };
}

/** An element that two statements of a block touch, one of them writing: such as `y[0][2]`. */
export function nestsThatMeet(block: Block, around: Ranges): string | undefined {
  const touched = block.map((s) => accessesOf([s]));
  for (const [i, later] of touched.entries()) {
    for (const a of touched.slice(0, i).flat()) {
      for (const b of later) {
        // the same combination from two at once loses one of them
        const combined = a.buffer === b.buffer && a.kind === b.kind && a.kind !== "read";
        if (!combined && !conflicting(a, b, true)) continue;
        const met = meet(a, b, new Map(), around);
        if (met !== undefined) return met === "unknown" ? `elements of ${a.buffer}` : met.element;
      }
    }
  }
  return undefined;
}

/** A nest's axes for an iteration of the joined loop, and the bounds they hold in. */
function ofTask(
  name: string,
  range: Range,
  loops: readonly ForStmt[],
  around: Ranges,
): [ReadonlyMap<string, Index>, Ranges] {
  const ranges = new Map(around).set(name, range);
  const by = new Map<string, Index>();
  let rest = subtract(axis(name), constant(range.min));
  for (const l of [...loops].reverse()) {
    const { div, mod } = divMod(rest, l.extent, ranges);
    by.set(l.axis, l === loops[0] ? rest : mod);
    rest = div;
  }
  return [by, ranges];
}

/** The block where the axis is in the range, which goes up to the axis' end for the last. */
function during(name: string, { min, max }: Range, last: boolean, body: Block): Stmt {
  const where = (op: Cond["op"], bound: number, inside: Block): Stmt => ({
    kind: "if",
    cond: { op, lhs: axis(name), rhs: constant(bound) },
    body: inside,
  });
  const upTo = last ? undefined : where("lt", max + 1, body);
  if (min === 0 && upTo !== undefined) return upTo;
  return where("ge", min, upTo === undefined ? body : [upTo]);
}

function freshName(taken: readonly string[]): string {
  let name = "nest";
  for (let i = 2; taken.includes(name); i++) name = `nest${i}`;
  return name;
}
