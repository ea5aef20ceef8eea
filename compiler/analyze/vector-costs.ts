import { isHalfVector } from "../ir/lane-type.ts";
import { operands, type VBlock, type VExpr, type VectorProc } from "../ir/vector.ts";

/** Operations that one call of a vector procedure carries out, counted from its text; `if`s are taken. */
export interface VectorCosts {
  /** Multiply-adds and products of whole vectors. */
  readonly fma: number;
  /** Other arithmetic on vectors. */
  readonly arithmetic: number;
  readonly loads: number;
  /** Of half vectors of f32, by whose lanes is multiplied. */
  readonly halfLoads: number;
  readonly stores: number;
  /** One element to all lanes: read from memory, or from a register. */
  readonly broadcasts: number;
  /** Operations on single floats, loads and stores included. */
  readonly scalar: number;
  /** Iterations of loops that stay loops. */
  readonly iterations: number;
}

type Counts = { -readonly [K in keyof VectorCosts]: VectorCosts[K] };

export function vectorCosts(proc: VectorProc): VectorCosts {
  const counts: Counts = {
    fma: 0,
    arithmetic: 0,
    loads: 0,
    halfLoads: 0,
    stores: 0,
    broadcasts: 0,
    scalar: 0,
    iterations: 0,
  };
  const chunks = proc.grid.reduce((n, g) => n * g.extent, 1);
  countBlock(proc.body, chunks, counts);
  counts.iterations += chunks;
  return counts;
}

function countBlock(block: VBlock, times: number, counts: Counts): void {
  for (const s of block) {
    switch (s.kind) {
      case "for":
        counts.iterations += times * s.extent;
        countBlock(s.body, times * s.extent, counts);
        break;
      case "if":
        countBlock(s.body, times, counts);
        break;
      case "store":
        counts[s.lanes === 1 ? "scalar" : "stores"] += times;
        countExpr(s.value, times, counts);
        break;
      case "let":
      case "set":
        countExpr(s.value, times, counts);
        break;
      case "declare":
      case "array":
      case "fence":
      case "pointer":
      case "prefetch":
        break;
    }
  }
}

function countExpr(e: VExpr, times: number, counts: Counts): void {
  const kind = kindOf(e);
  if (kind !== undefined) counts[kind] += times;
  // a broadcast load is one operation
  if (e.kind === "splat" && e.value.kind === "load") return;
  for (const o of operands(e)) countExpr(o, times, counts);
}

function kindOf(e: VExpr): keyof VectorCosts | undefined {
  switch (e.kind) {
    case "literal":
    case "register":
    case "index":
      return undefined;
    case "load":
      if (e.lanes === 1) return "scalar";
      return isHalfVector(e) ? "halfLoads" : "loads";
    case "splat":
      return e.value.kind === "literal" ? undefined : "broadcasts";
    case "binary":
      if (e.lanes === 1) return "scalar";
      return e.op === "mul" ? "fma" : "arithmetic";
    case "fma":
    case "fms":
    case "fma-lane":
    case "mul-lane":
    case "instruction":
      return e.lanes === 1 ? "scalar" : "fma";
    case "exponent":
    case "reciprocal":
    case "narrow":
      return "arithmetic";
    case "convert":
      return e.lanes === 1 ? "scalar" : "arithmetic";
    case "unary":
    case "call":
    case "select":
      return "scalar";
  }
}
