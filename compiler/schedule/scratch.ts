import type { DType } from "../ir/dtype.ts";
import { load } from "../ir/expr.ts";
import { axis, type Index } from "../ir/index-expr.ts";
import { type Block, loop, type Memory, type Stmt } from "../ir/stmt.ts";
import { accessesOf, type TouchedAt } from "./accesses.ts";
import { mapAccesses } from "./buffers.ts";
import type { Surroundings } from "./loops.ts";
import {
  filledFirst,
  insideWindow,
  sparseWindowOf,
  type Window,
  windowEscape,
  windowIndex,
  windowOf,
} from "./window.ts";

/** Names of the loops that copy a window of `rank` dimensions. */
export function copyNames(as: string, rank: number): string[] {
  return Array.from({ length: rank }, (_, d) => `${as}_${d}`);
}

/** Why the window of a buffer that a block touches cannot be copied; "untouched" when there is none. */
export function scratchRefusal(body: Block, around: Surroundings, buffer: string): string | undefined {
  const touched = accessesOf(body).filter((t) => t.buffer === buffer);
  const shape = around.shapes.get(buffer);
  if (touched.length === 0 || shape === undefined) return "untouched";
  return windowEscape(copiedWindow(touched, shape), shape, around);
}

/** What is only read is copied without what lies between. */
function copiedWindow(touched: readonly TouchedAt[], shape: readonly number[]): Window {
  return touched.every(({ kind }) => kind === "read")
    ? sparseWindowOf(touched, shape)
    : windowOf(touched, shape);
}

interface Scratch {
  readonly buffer: string;
  readonly as: string;
  readonly memory: Memory;
}

/** A block that works on its own copy of the window it touches; the block itself when it touches nothing. */
export function withScratch(body: Block, around: Surroundings, { buffer, as, memory }: Scratch): Block {
  const tops = new Map<TouchedAt, number>();
  const touched = body.flatMap((s, i) => {
    const own = accessesOf([s]).filter((t) => t.buffer === buffer);
    for (const t of own) tops.set(t, i);
    return own;
  });
  const shape = around.shapes.get(buffer);
  const dtype = around.types.get(buffer);
  if (touched.length === 0 || shape === undefined || dtype === undefined) return body;
  const window = copiedWindow(touched, shape);
  const writes = touched.some((t) => t.kind !== "read");
  const filled = writes && filledFirst(touched, (t) => tops.get(t) ?? 0, window);
  const axes = copyNames(as, window.shape.length);
  const outside = windowIndex(window, axes);
  const inside = axes.map((name) => axis(name));
  const into = { buffer: as, at: inside };
  const from = { buffer, at: outside };
  const rewritten = mapAccesses(body, buffer, (at) => ({ buffer: as, at: insideWindow(at, window) }));
  return [
    {
      kind: "alloc",
      buffer: as,
      shape: window.shape,
      memory,
      dtype,
      body: [
        ...(filled ? [] : [copy(window, axes, into, from, dtype)]),
        ...rewritten,
        ...(writes ? [copy(window, axes, from, into, dtype)] : []),
      ],
    },
  ];
}

interface Place {
  readonly buffer: string;
  readonly at: readonly Index[];
}

/** Loops that store every element of one place into the other. */
function copy(window: Window, axes: readonly string[], to: Place, from: Place, dtype: DType): Stmt {
  const store: Stmt = { kind: "store", ...to, value: load(from.buffer, from.at, dtype) };
  return axes.reduceRight<Stmt>((inner, name, d) => loop(name, window.shape[d], [inner]), store);
}
