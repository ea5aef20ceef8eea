import type { DType } from "../ir/dtype.ts";
import { add, constant, type Index, indexKey } from "../ir/index-expr.ts";
import { laneType } from "../ir/lane-type.ts";
import { mapOperands } from "../ir/rewrite-vector.ts";
import { type VBlock, type VExpr, type VLoad, walkVExpr } from "../ir/vector.ts";
import { mapRuns, type Straight, storedIn } from "./straight-line.ts";

/** Vectors of floats. */
interface FactorVectors {
  readonly dtype: DType;
  /** Elements of one. */
  readonly lanes: number;
  /** Of those by whose lanes is multiplied, where each vector that is multiplied is used several times: `lanes`, or half of them. */
  readonly width: number;
}

/**
 * Where a multiply-add takes a factor broadcast from memory and its neighbours are wanted too, loads them as one vector
 * and multiplies by its lanes. Vectors are aligned where what they are counted from is; else they begin at the first
 * element wanted, and the last one ends at the last, so that nothing is read that was not read before.
 * `wholeVectors(buffer, width)` tells whether any aligned vector of so many elements that begins inside a buffer also ends inside.
 */
export function selectLaneLoads(
  block: VBlock,
  { dtype, lanes, width }: FactorVectors,
  wholeVectors: (buffer: string, width: number) => boolean,
): VBlock {
  return mapRuns(block, (run) => {
    const factors = factorsIn(run, dtype, lanes);
    if (factors.length === 0) return run;
    const each = isStreamed(factors) ? lanes : width;
    const vectorOf = chosenVectors(factors, each, wholeVectors);
    // where halves are loaded all over a block, a compiler finds room for others earlier, too
    const kept = each < lanes ? openInOrder() : (e: VExpr): VExpr => e;
    const rewrite = (e: VExpr): VExpr => {
      const inner = mapOperands(e, rewrite);
      const found = broadcastFactor(inner, dtype, lanes);
      if (found === undefined) return inner;
      const { acc, other, load } = found;
      const by = vectorOf(load);
      if (by === undefined) return inner;
      return { kind: "fma-lane", lanes, acc, a: kept(other), b: kept(by.b), lane: by.lane };
    };
    return run.map((s): Straight => {
      const value = rewrite(s.value);
      return value === s.value ? s : { ...s, value };
    });
  });
}

/** Loads that stay in their order, each once for all statements that have it in common. */
function openInOrder(): (e: VExpr) => VExpr {
  const known = new Map<VExpr, VExpr>();
  return (e) => {
    if (e.kind !== "load") return e;
    const found = known.get(e) ?? { ...e, inOrder: true };
    known.set(e, found);
    return found;
  };
}

/** Factors broadcast from what a run does not store to. */
function factorsIn(run: readonly Straight[], dtype: DType, lanes: number): readonly BroadcastFactor[] {
  const stored = storedIn(run);
  const factors: BroadcastFactor[] = [];
  for (const s of run) {
    walkVExpr(s.value, (e) => {
      const found = broadcastFactor(e, dtype, lanes);
      if (found !== undefined && !stored.has(found.load.buffer)) factors.push(found);
    });
  }
  return factors;
}

/** Whether each of the vectors that are multiplied is used once: they are what is waited for then, and come in one sequence. */
function isStreamed(factors: readonly BroadcastFactor[]): boolean {
  const seen = new Set<string>();
  return factors.every(({ other }) => {
    if (other.kind !== "load") return false;
    const key = `${other.buffer}:${indexKey(other.at)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** For each of these the vector it is in, and its lane there; undefined where it stays alone. */
function chosenVectors(
  factors: readonly BroadcastFactor[],
  width: number,
  wholeVectors: (buffer: string, width: number) => boolean,
): (load: VLoad) => { readonly b: VExpr; readonly lane: number } | undefined {
  const baseOf = openBases(width);
  const wanted = new Map<Base, Set<number>>();
  for (const { load } of factors) {
    const base = baseOf(load);
    wanted.set(base, (wanted.get(base) ?? new Set()).add(load.at.offset));
  }
  const chosen = new Map<Base, Chosen>();
  for (const [base, offsets] of wanted) {
    const aligned = base.aligned && wholeVectors(base.buffer, width);
    const starts = aligned ? alignedStarts(offsets, width) : coveringStarts(offsets, width);
    chosen.set(base, { starts, vectors: new Map() });
  }
  return (load) => {
    const base = baseOf(load);
    const { starts, vectors } = chosen.get(base) ?? {};
    const start = starts?.get(load.at.offset);
    if (start === undefined) return undefined;
    const b = vectors?.get(start) ?? vectorAt(base, start, width, load.dtype);
    vectors?.set(start, b);
    return { b, lane: load.at.offset - start };
  };
}

/** What elements are counted from: an address without its constant. */
interface Base {
  readonly buffer: string;
  readonly at: Index;
  /** A whole number of vectors after the buffer's begin, whatever the axes are. */
  readonly aligned: boolean;
}

/** Where the vector of each offset from a base begins, and the vectors there are. */
interface Chosen {
  readonly starts: ReadonlyMap<number, number>;
  readonly vectors: Map<number, VExpr>;
}

/** The base of each load: equal ones are one. Statements have many loads in common. */
function openBases(lanes: number): (load: VLoad) => Base {
  const known = new Map<VLoad, Base>();
  const bases = new Map<string, Base>();
  return (load) => {
    const before = known.get(load);
    if (before !== undefined) return before;
    const { buffer } = load;
    const { terms } = load.at;
    const at = { terms, offset: 0 };
    const key = `${buffer}:${indexKey(at)}`;
    const base = bases.get(key) ?? { buffer, at, aligned: terms.every((t) => t.coef % lanes === 0) };
    bases.set(key, base);
    known.set(load, base);
    return base;
  };
}

function vectorAt({ buffer, at }: Base, start: number, lanes: number, dtype: DType): VExpr {
  return { kind: "load", buffer, at: add(at, constant(start)), lanes, dtype };
}

interface BroadcastFactor {
  readonly load: VLoad;
  readonly other: VExpr;
  readonly acc: VExpr;
}

function broadcastFactor(e: VExpr, dtype: DType, lanes: number): BroadcastFactor | undefined {
  if (e.kind !== "fma" || e.lanes !== lanes || laneType(e) !== dtype) return undefined;
  const { acc, a, b } = e;
  if (a.kind === "splat" && a.value.kind === "load") return { load: a.value, other: b, acc };
  if (b.kind === "splat" && b.value.kind === "load") return { load: b.value, other: a, acc };
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
