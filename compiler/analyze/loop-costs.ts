import { applyCond } from "../ir/arithmetic.ts";
import { BYTES, type DType } from "../ir/dtype.ts";
import type { Cond, Expr } from "../ir/expr.ts";
import { axesOf, looksUp, type Ranges } from "../ir/index-expr.ts";
import { evaluate } from "../ir/interpret-index.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { Block, LoopMode, Stmt } from "../ir/stmt.ts";
import { footprints } from "./footprint.ts";

/** One loop of a nest. */
export interface LoopCost {
  readonly axis: string;
  readonly mode: LoopMode;
  readonly depth: number;
  readonly extent: number;
  /** How often the loop is entered. */
  readonly entered: number;
  /** Bytes of parameters that one whole execution of the loop touches, and of which. */
  readonly bytes: number;
  readonly buffers: Readonly<Record<string, number>>;
}

/** What one call of a procedure costs, counted from its loops: nothing here is measured. */
export interface LoopCosts {
  /** Outermost first, in text order. */
  readonly loops: readonly LoopCost[];
  /** Additions of a product. */
  readonly macs: number;
  /** Other operations on values: sums, products, minima, functions. */
  readonly otherOps: number;
  /** Part of all of them that runs in full vectors, 0 to 1. */
  readonly vectorized: number;
  /** Operations on vectors and on what is in none: an instruction that does the work of loops is one. */
  readonly slots: number;
  /** Bytes touched by the whole call, each once. */
  readonly bytes: number;
  readonly buffers: Readonly<Record<string, number>>;
  /** Two for a multiply-accumulate, one for each other operation, over the bytes. */
  readonly intensity: number;
}

/** Trip counts, bytes touched and operations of a scheduled procedure. Conditions count by how often they hold. */
export function loopCosts(proc: LoopProc, lanes: number): LoopCosts {
  const types: Types = new Map(proc.params.map((p) => [p.name, p.dtype]));
  const loops: LoopCost[] = [];
  const work: Work = { macs: 0, other: 0, inVectors: 0, slots: 0 };
  /** @param taken iterations that the instruction around does at once; 0 where there is none */
  const visit = (
    block: Block,
    times: number,
    depth: number,
    ranges: Ranges,
    inLanes: boolean,
    taken: number,
  ): void => {
    for (const s of block) {
      switch (s.kind) {
        case "for": {
          loops.push({
            ...touched([s], types),
            axis: s.axis,
            mode: s.mode,
            depth,
            extent: s.extent,
            entered: times,
          });
          const inner = new Map(ranges).set(s.axis, { min: 0, max: s.extent - 1 });
          const full = inLanes || s.mode === "instruction" || (s.mode === "vector" && s.extent % lanes === 0);
          const begins = s.mode === "instruction" ? 1 : 0;
          visit(s.body, times * s.extent, depth + 1, inner, full, (taken || begins) * s.extent);
          break;
        }
        case "alloc":
          visit(s.body, times, depth, ranges, inLanes, taken);
          break;
        case "if":
          visit(s.body, times * share(s.cond, ranges), depth, ranges, inLanes, taken);
          break;
        case "store":
        case "reduce":
          addWork(work, operations(s), times, inLanes ? lanes : undefined, taken);
          break;
        case "prefetch":
          break;
      }
    }
  };
  visit(proc.body, 1, 0, new Map(), false, 0);
  const whole = touched(proc.body, types);
  const all = work.macs + work.other;
  return {
    loops,
    macs: work.macs,
    otherOps: work.other,
    vectorized: all === 0 ? 1 : work.inVectors / all,
    slots: work.slots,
    ...whole,
    intensity: whole.bytes === 0 ? 0 : (2 * work.macs + work.other) / whole.bytes,
  };
}

interface Work {
  macs: number;
  other: number;
  inVectors: number;
  slots: number;
}

/** Operations that are done so many times, in so many lanes if in any, `taken` of the times by one instruction unless that is 0. */
function addWork(
  work: Work,
  { macs, other }: Pick<Work, "macs" | "other">,
  times: number,
  lanes: number | undefined,
  taken: number,
): void {
  const all = (macs + other) * times;
  work.macs += macs * times;
  work.other += other * times;
  if (lanes !== undefined) work.inVectors += all;
  work.slots += taken > 0 ? times / taken : all / (lanes ?? 1);
}

/** What parameters hold. */
type Types = ReadonlyMap<string, DType>;

function touched(block: Block, types: Types): Pick<LoopCost, "bytes" | "buffers"> {
  const elements = footprints(block, (buffer) => types.has(buffer));
  const sizes = [...elements].map(([buffer, n]) => [buffer, n * BYTES[types.get(buffer) ?? "f32"]] as const);
  const buffers = Object.fromEntries(sizes);
  return { buffers, bytes: Object.values(buffers).reduce((a, b) => a + b, 0) };
}

/** How often a condition holds, as a part of the iterations of its axes. */
function share(cond: Cond, ranges: Ranges): number {
  const axes = [...axesOf(cond.rhs, axesOf(cond.lhs))].map((axis) => ({
    axis,
    extent: (ranges.get(axis)?.max ?? 0) + 1,
  }));
  const space = axes.reduce((n, { extent }) => n * extent, 1);
  if (space > 65_536 || looksUp(cond.lhs) || looksUp(cond.rhs)) return 1;
  let held = 0;
  const values = new Map<string, number>();
  const visit = (depth: number): void => {
    if (depth < axes.length) {
      for (let i = 0; i < axes[depth].extent; i++) {
        values.set(axes[depth].axis, i);
        visit(depth + 1);
      }
    } else if (applyCond(cond.op, evaluate(cond.lhs, values), evaluate(cond.rhs, values))) held++;
  };
  visit(0);
  return held / space;
}

function operations(s: Extract<Stmt, { readonly kind: "store" | "reduce" }>): {
  macs: number;
  other: number;
} {
  const inside = operationsIn(s.value);
  if (s.kind === "store") return { macs: 0, other: inside };
  const product = s.op === "add" && s.value.kind === "binary" && s.value.op === "mul";
  return product ? { macs: 1, other: inside - 1 } : { macs: 0, other: inside + 1 };
}

function operationsIn(e: Expr): number {
  switch (e.kind) {
    case "binary":
      return 1 + operationsIn(e.lhs) + operationsIn(e.rhs);
    case "unary":
      return (e.op === "neg" || e.op === "wrapI16" ? 0 : 1) + operationsIn(e.value);
    case "call":
      return e.args.reduce((sum, arg) => sum + operationsIn(arg), 1);
    case "convert":
      return 1 + operationsIn(e.value);
    case "select":
      return Math.max(operationsIn(e.then), operationsIn(e.otherwise));
    case "literal":
    case "load":
    case "table":
    case "index":
      return 0;
  }
}
