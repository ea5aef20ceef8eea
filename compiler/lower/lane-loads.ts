import { add, constant, type Index, indexKey } from "../ir/index-expr.ts";
import { laneType } from "../ir/lane-type.ts";
import { mapOperands } from "../ir/rewrite-vector.ts";
import { type VBlock, type VExpr, walkVExpr } from "../ir/vector.ts";
import { mapRuns, type Straight, storedIn } from "./straight-line.ts";

/**
 * Where a multiply-add takes a factor broadcast from memory and its neighbours are wanted too, loads them as one vector
 * and multiplies by its lanes. Vectors are aligned where what they are counted from is; else they begin at the first
 * element wanted, and the last one ends at the last, so that nothing is read that was not read before.
 * `wholeVectors(buffer)` tells whether any aligned vector that begins inside a buffer also ends inside.
 */
export function selectLaneLoads(
  block: VBlock,
  lanes: number,
  wholeVectors: (buffer: string) => boolean,
): VBlock {
  return mapRuns(block, (run) => {
    const stored = storedIn(run);
    const wanted = new Map<string, { readonly base: Base; readonly offsets: Set<number> }>();
    for (const s of run) {
      walkVExpr(s.value, (e) => {
        const found = broadcastFactor(e, lanes);
        if (!found || stored.has(found.base.buffer)) return;
        const { offsets } = wanted.get(found.base.key) ?? { offsets: new Set() };
        wanted.set(found.base.key, { base: found.base, offsets: offsets.add(found.offset) });
      });
    }
    const starts = new Map<string, ReadonlyMap<number, number>>();
    for (const [key, { base, offsets }] of wanted) {
      const aligned = base.aligned && wholeVectors(base.buffer);
      starts.set(key, aligned ? alignedStarts(offsets, lanes) : coveringStarts(offsets, lanes));
    }
    const vectors = new Map<string, VExpr>();
    const vectorAt = ({ key, buffer, at }: Base, start: number): VExpr => {
      const name = `${key}:${start}`;
      const b = vectors.get(name) ?? {
        ...{ kind: "load", buffer, at: add(at, constant(start)), lanes, dtype: "f32" },
      };
      vectors.set(name, b);
      return b;
    };
    const rewrite = (e: VExpr): VExpr => {
      const inner = mapOperands(e, rewrite);
      const found = broadcastFactor(inner, lanes);
      const start = found && starts.get(found.base.key)?.get(found.offset);
      if (!found || start === undefined) return inner;
      const b = vectorAt(found.base, start);
      return { kind: "fma-lane", lanes, acc: found.acc, a: found.other, b, lane: found.offset - start };
    };
    return run.map((s): Straight => ({ ...s, value: rewrite(s.value) }));
  });
}

/** What elements are counted from: an address without its constant. */
interface Base {
  readonly key: string;
  readonly buffer: string;
  readonly at: Index;
  /** A whole number of vectors after the buffer's begin, whatever the axes are. */
  readonly aligned: boolean;
}
interface BroadcastFactor {
  readonly base: Base;
  readonly offset: number;
  readonly other: VExpr;
  readonly acc: VExpr;
}

function broadcastFactor(e: VExpr, lanes: number): BroadcastFactor | undefined {
  if (e.kind !== "fma" || e.lanes !== lanes || laneType(e) !== "f32") return undefined;
  for (const [factor, other] of [
    [e.a, e.b],
    [e.b, e.a],
  ] as const) {
    if (factor.kind !== "splat" || factor.value.kind !== "load") continue;
    const { buffer, at } = factor.value;
    const from: Index = { terms: at.terms, offset: 0 };
    const aligned = at.terms.every((t) => t.coef % lanes === 0);
    const base = { key: `${buffer}:${indexKey(from)}`, buffer, at: from, aligned };
    return { base, offset: at.offset, other, acc: e.acc };
  }
  return undefined;
}

/** Where the vector of each offset begins; only vectors of which more than one element is wanted. */
function alignedStarts(offsets: ReadonlySet<number>, lanes: number): ReadonlyMap<number, number> {
  return shared([...offsets].map((offset) => [offset, Math.floor(offset / lanes) * lanes]));
}

function coveringStarts(offsets: ReadonlySet<number>, lanes: number): ReadonlyMap<number, number> {
  const sorted = [...offsets].sort((a, b) => a - b);
  const lastStart = sorted[sorted.length - 1] - lanes + 1;
  if (lastStart < sorted[0]) return new Map();
  let start = Number.NEGATIVE_INFINITY;
  return shared(
    sorted.map((offset) => {
      if (offset >= start + lanes) start = Math.min(offset, lastStart);
      return [offset, start];
    }),
  );
}

function shared(starts: readonly (readonly [number, number])[]): ReadonlyMap<number, number> {
  const count = new Map<number, number>();
  for (const [, start] of starts) count.set(start, (count.get(start) ?? 0) + 1);
  return new Map(starts.filter(([, start]) => (count.get(start) ?? 0) > 1));
}
