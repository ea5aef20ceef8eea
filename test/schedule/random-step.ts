import { axisNames } from "../../compiler/ir/axes.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { walk } from "../../compiler/ir/rewrite.ts";
import type { ForStmt } from "../../compiler/ir/stmt.ts";
import type { StorageDim } from "../../compiler/ir/storage.ts";
import { declarationsOf } from "../../compiler/schedule/buffers.ts";
import { localNames } from "../../compiler/schedule/primitive.ts";
import { primitives, type Step } from "../../compiler/schedule/primitives/index.ts";
import type { Rng } from "../../compiler/support/rng.ts";

/** Every primitive but the one that asks for instructions of a target: test/lower/typed.test.ts takes random steps behind it. */
export const RANDOM_OPS: readonly Step["op"][] = (Object.keys(primitives) as Step["op"][]).filter(
  (op) => op !== "tensorize",
);

/** Those, and more often those that are rarely legal. */
const OPS: readonly Step["op"][] = [
  ...RANDOM_OPS,
  ...(["vectorize", "vectorize", "vectorize", "computeAt", "computeAt", "stage", "reorder", "tile"] as const),
];
const TAILS = ["exact", "cut", "guard"] as const;

/** A step that may well be legal; its new names end in `n`. */
export function randomStep(rng: Rng, proc: LoopProc, n: number): Step {
  const pick = <T>(items: readonly T[]): T => items[rng.int(items.length)];
  const axes = axisNames(proc.body);
  const axis = axes.length === 0 ? "i" : pick(axes);
  const locals = localNames(proc);
  const local = locals.length === 0 ? "t" : pick(locals);
  const buffer = rng.int(2) === 0 ? local : pick(proc.params).name;
  const tail = pick(TAILS);
  const op = pick(OPS);
  switch (op) {
    case "split":
    case "unrollAndJam":
      return { op, axis, factor: 1 + rng.int(4), into: [`a${n}`, `b${n}`], tail };
    case "tile": {
      const chain = pick(chains(proc));
      const factors: [number, number] = [1 + rng.int(4), 1 + rng.int(4)];
      const into: [string, string, string, string] = [`a${n}`, `b${n}`, `c${n}`, `d${n}`];
      return { op, axes: [chain[0], chain[chain.length - 1]], factors, into, tail };
    }
    case "fuse": {
      const chain = pick(chains(proc));
      const at = rng.int(Math.max(1, chain.length - 1));
      return { op, outer: chain[at], inner: chain[at + 1] ?? axis, into: `f${n}` };
    }
    case "reorder": {
      const chain = rng.int(5) === 0 ? axes : pick(chains(proc));
      const order = shuffled(rng, chain).slice(0, 2 + rng.int(2));
      return { op, order: order.length < 2 ? [axis, axis] : order };
    }
    case "vectorize": {
      const whole = innermost(proc).filter((l) => l.extent % 4 === 0);
      return { op, axis: whole.length === 0 ? axis : pick(whole).axis };
    }
    case "fission":
    case "unroll":
    case "parallel":
      return { op, axis };
    case "tensorize":
      return { op, axis, instruction: "sdot" };
    case "peel": {
      const into: [string, string] | undefined = rng.int(2) === 0 ? [`h${n}`, `e${n}`] : undefined;
      return { op, axis, head: rng.int(3), tail: rng.int(2), ...(into === undefined ? {} : { into }) };
    }
    case "pad":
      return { op, axis, multiple: 2 + rng.int(3) };
    case "stage": {
      const at = rng.int(4) === 0 ? {} : { at: axis };
      const memory = rng.int(4) === 0 ? "register" : "stack";
      return { op, buffer, memory, ...at, ...(rng.int(3) === 0 ? {} : { as: `s${n}` }) };
    }
    case "pack":
      return { op, buffer, dims: randomDims(rng, rankOf(proc, buffer)) };
    case "computeAt":
      return { op, buffer: local, at: axis };
    case "inline":
      return { op, buffer: local };
    case "prefetch":
      return {
        op,
        buffer,
        axis,
        ahead: 1 + rng.int(2),
        ...(rng.int(2) === 0 ? {} : { at: pick(axes) ?? axis }),
        ...(rng.int(2) === 0 ? {} : { last: "own" }),
      };
    case "annotate":
      return { op, axis, note: `step ${n}` };
  }
}

/** Loops that hold no others. */
function innermost(proc: LoopProc): ForStmt[] {
  const found: ForStmt[] = [];
  walk(proc.body, (s) => {
    if (s.kind === "for" && s.body.every((t) => t.kind === "store" || t.kind === "reduce")) found.push(s);
  });
  return found;
}

function shuffled<T>(rng: Rng, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: rng.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Axes of every perfect nest, from each of its loops down. */
function chains(proc: LoopProc): string[][] {
  const found: string[][] = [];
  walk(proc.body, (s) => {
    if (s.kind === "for") found.push(chainFrom(s));
  });
  return found.length === 0 ? [["i"]] : found;
}

function chainFrom(l: ForStmt): string[] {
  const [only] = l.body;
  return l.body.length === 1 && only.kind === "for" ? [l.axis, ...chainFrom(only)] : [l.axis];
}

function rankOf(proc: LoopProc, buffer: string): number {
  const param = proc.params.find((p) => p.name === buffer);
  return (param?.storage.shape ?? declarationsOf(proc.body, buffer)[0]?.alloc.shape ?? []).length;
}

function randomDims(rng: Rng, rank: number): StorageDim[] {
  const parts = Array.from({ length: rank }, (_, dim): StorageDim[] => {
    if (rng.int(2) === 0) return [{ part: "whole", dim }];
    const factor = 2 + rng.int(3);
    return [
      { part: "outer", dim, factor },
      { part: "inner", dim, factor },
    ];
  });
  return shuffled(rng, parts.flat());
}
