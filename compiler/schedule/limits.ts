import type { Expr } from "../ir/expr.ts";
import type { Index } from "../ir/index-expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import { walkExpr } from "../ir/rewrite.ts";
import type { Block } from "../ir/stmt.ts";
import { physicalSize } from "../ir/storage.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import { MOST_ITERATIONS } from "./fields.ts";
import { refuse } from "./primitive.ts";

/** What grows when steps are taken, and how far it may: some ten times beyond the largest schedule of the operators here. */
const LIMITS = {
  statements: { most: 1000, text: "loops and statements" },
  parts: { most: 50_000, text: "parts of values and addresses" },
  depth: { most: 100, text: "loops and conditions inside each other" },
  iterations: { most: MOST_ITERATIONS, text: "iterations of one loop" },
  /** Addresses are exact numbers. */
  turns: { most: Number.MAX_SAFE_INTEGER, text: "iterations of a nest" },
  elements: { most: 2 ** 28, text: "elements of one buffer in memory" },
} as const;

type Sizes = { -readonly [K in keyof typeof LIMITS]: number };

/**
 * Refuses what makes a procedure too large to be worked on: a trace of a few steps can double it with each of them. One
 * that was that large before may stay so.
 */
export function checkSize(before: LoopProc, after: LoopProc, op: string): Diagnostic | undefined {
  const sizes = sizesOf(after);
  const large = kinds.filter((kind) => sizes[kind] > LIMITS[kind].most);
  if (large.length === 0) return undefined;
  const old = sizesOf(before);
  const grown = large.find((kind) => sizes[kind] > old[kind]);
  return grown === undefined ? undefined : tooLarge(op, sizes[grown], LIMITS[grown].most, LIMITS[grown].text);
}

const kinds = Object.keys(LIMITS) as (keyof typeof LIMITS)[];

/** A refusal of a step that makes more of something than can be worked on. */
export function tooLarge(op: string, size: number, most: number, what: string): Diagnostic {
  return refuse(
    "S127",
    `cannot ${op}: the procedure would be too large`,
    `it would have ${size} ${what}, the limit is ${most}`,
    "take smaller factors, or fewer steps that copy loops: cut, peel, prefetch",
  );
}

function sizesOf({ params, body }: LoopProc): Sizes {
  const sizes: Sizes = { statements: 0, parts: 0, depth: 0, iterations: 0, turns: 1, elements: 0 };
  for (const { storage } of params) sizes.elements = Math.max(sizes.elements, physicalSize(storage));
  addBlock(body, 0, 1, sizes);
  return sizes;
}

function addBlock(block: Block, depth: number, turns: number, sizes: Sizes): void {
  sizes.depth = Math.max(sizes.depth, depth);
  sizes.turns = Math.max(sizes.turns, turns);
  for (const s of block) {
    sizes.statements++;
    switch (s.kind) {
      case "for":
        sizes.iterations = Math.max(sizes.iterations, s.extent);
        addBlock(s.body, depth + 1, turns * Math.max(1, s.extent), sizes);
        break;
      case "if":
        sizes.parts += partsOf(s.cond.lhs) + partsOf(s.cond.rhs);
        addBlock(s.body, depth + 1, turns, sizes);
        break;
      case "alloc":
        sizes.elements = Math.max(
          sizes.elements,
          s.shape.reduce((a, b) => a * b, 1),
        );
        addBlock(s.body, depth, turns, sizes);
        break;
      case "store":
      case "reduce":
        sizes.parts += allParts(s.at) + valueParts(s.value);
        break;
      case "prefetch":
        sizes.parts += allParts(s.at);
        break;
    }
  }
}

function valueParts(value: Expr): number {
  let parts = 0;
  walkExpr(value, (e) => {
    parts++;
    if (e.kind === "load" || e.kind === "table") parts += allParts(e.at);
    if (e.kind === "index") parts += partsOf(e.index);
    if (e.kind === "select") parts += partsOf(e.when.lhs) + partsOf(e.when.rhs);
  });
  return parts;
}

function allParts(at: readonly Index[]): number {
  let sum = 0;
  for (const index of at) sum += partsOf(index);
  return sum;
}

/** Terms, those inside divisions and remainders counted too. */
function partsOf({ terms }: Index): number {
  let parts = terms.length;
  for (const { atom } of terms) if (atom.kind !== "axis") parts += partsOf(atom.of);
  return parts;
}
