import { combine, type Index, indexKey } from "../ir/index-expr.ts";
import { mapOperands, type VBlock, type VExpr, type VLoad, walkVExpr } from "../ir/vector.ts";
import { mapRuns, type Straight, storedIn } from "./straight-line.ts";

/**
 * Where a multiply-add takes a factor broadcast from memory and its neighbours in the same vector are
 * wanted too, loads the vector once and multiplies by its lanes. `wholeVectors(buffer)` tells whether any
 * aligned vector that begins inside a buffer also ends inside.
 */
export function selectLaneLoads(
  block: VBlock,
  lanes: number,
  wholeVectors: (buffer: string) => boolean,
): VBlock {
  return mapRuns(block, (run) => {
    const stored = storedIn(run);
    const readable = (buffer: string): boolean => !stored.has(buffer) && wholeVectors(buffer);
    const wanted = new Map<string, Set<number>>();
    for (const s of run) {
      walkVExpr(s.value, (e) => {
        const found = e.kind === "fma" ? broadcastFactor(e, lanes, readable) : undefined;
        if (!found) return;
        const key = `${found.vector.buffer}:${indexKey(found.vector.at)}`;
        wanted.set(key, (wanted.get(key) ?? new Set()).add(found.lane));
      });
    }
    const rewrite = (e: VExpr): VExpr => {
      const inner = mapOperands(e, rewrite);
      if (inner.kind !== "fma") return inner;
      const found = broadcastFactor(inner, lanes, readable);
      if (!found) return inner;
      const shared = wanted.get(`${found.vector.buffer}:${indexKey(found.vector.at)}`);
      if (!shared || shared.size < 2) return inner;
      return { kind: "fma-lane", lanes, acc: inner.acc, a: found.other, b: found.vector, lane: found.lane };
    };
    return run.map((s): Straight => ({ ...s, value: rewrite(s.value) }));
  });
}

interface BroadcastFactor {
  readonly vector: VLoad;
  readonly lane: number;
  readonly other: VExpr;
}

function broadcastFactor(
  e: Extract<VExpr, { kind: "fma" }>,
  lanes: number,
  readable: (buffer: string) => boolean,
): BroadcastFactor | undefined {
  if (e.lanes !== lanes) return undefined;
  for (const [factor, other] of [
    [e.a, e.b],
    [e.b, e.a],
  ] as const) {
    if (factor.kind !== "splat" || factor.value.kind !== "load" || !readable(factor.value.buffer)) continue;
    const aligned = alignedVector(factor.value.at, lanes);
    if (!aligned) continue;
    const { buffer } = factor.value;
    return { vector: { kind: "load", buffer, at: aligned.at, lanes }, lane: aligned.lane, other };
  }
  return undefined;
}

/** The aligned vector an element lies in, when its lane is known at compile time. */
function alignedVector(at: Index, lanes: number): { readonly at: Index; readonly lane: number } | undefined {
  if (at.terms.some((t) => t.coef % lanes !== 0)) return undefined;
  const lane = ((at.offset % lanes) + lanes) % lanes;
  return { at: combine([[at, 1]], -lane), lane };
}
