import { indexKey } from "../ir/index-expr.ts";
import type { VBlock, VExpr, VLoad } from "../ir/vector.ts";
import { keepApart } from "./keep-apart.ts";
import { mapRuns, type Straight, storedIn } from "./straight-line.ts";

/** `name = name (op) ...` by an operation that commutes, with operands that are loads from memory that the run does not write. */
interface Accumulation {
  readonly stmt: Extract<Straight, { readonly kind: "set" }>;
  readonly op: "add" | "max";
  readonly reads: readonly Read[];
  readonly lane: number;
}

/** A load as orders see it. Texts of addresses are numbered once: every order that is tried asks for the same. */
interface Read {
  readonly buffer: string;
  /** Two with the same number differ in the constant of their addresses. */
  readonly base: number;
  readonly offset: number;
  /** Two with the same number read the same vector. */
  readonly vector: number;
}

/** What a load is as a read: the same for the same load, of which statements have many in common. */
type ReadOf = (load: VLoad) => Read;

function openReads(): ReadOf {
  const numbers = new Map<string, number>();
  const numbered = (text: string): number => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
  const known = new Map<VLoad, Read>();
  return (load) => {
    const before = known.get(load);
    if (before !== undefined) return before;
    const { buffer, at, lanes } = load;
    const base = indexKey({ terms: at.terms, offset: 0 });
    const vector = numbered(`${buffer}:${base}:${at.offset}:${lanes}`);
    const read = { buffer, base: numbered(base), offset: at.offset, vector };
    known.set(load, read);
    return read;
  };
}

/**
 * Orders runs of accumulations so that few loaded vectors are alive at a time: the vectors of one buffer
 * pass by one after another while the other buffer's stay. Of the orders that fit the registers, takes
 * the one with equal accumulators farthest apart, as their latencies then hide each other.
 * @param registers how many may be used: to be content with, and if no order is, at most
 * @param gap accumulations into equal sums are to be so many apart, where the registers allow it
 */
export function orderAccumulations(block: VBlock, registers: readonly number[], gap = 0): VBlock {
  return mapRuns(block, (run) => {
    const stored = storedIn(run);
    const readOf = openReads();
    const out: Straight[] = [];
    let group: Accumulation[] = [];
    const ops = new Map<string, Accumulation["op"]>();
    const flush = (): void => {
      const order = bestOrder(group, registers);
      out.push(...apartWithin(order, gap, registers[0]).map((a) => a.stmt));
      group = [];
      ops.clear();
    };
    for (const s of run) {
      const a = accumulation(s, stored, readOf);
      if (a) {
        // sums and maxima of one register do not commute
        if ((ops.get(a.stmt.name) ?? a.op) !== a.op) flush();
        ops.set(a.stmt.name, a.op);
        group.push(a);
        continue;
      }
      flush();
      out.push(s);
    }
    flush();
    return out;
  });
}

/** Equal sums `gap` apart, as far as that takes no more registers than are there, or are taken anyway. */
function apartWithin(
  order: readonly Accumulation[],
  gap: number,
  registers: number,
): readonly Accumulation[] {
  if (gap === 0) return order;
  const most = Math.max(registers, livePressure(order));
  return keepApart(order, gap, (found) => livePressure(found) <= most);
}

function accumulation(s: Straight, stored: ReadonlySet<string>, readOf: ReadOf): Accumulation | undefined {
  if (s.kind !== "set") return undefined;
  const v = s.value;
  const isOld = (e: VExpr): boolean => e.kind === "register" && e.name === s.name;
  let factors: readonly VExpr[];
  if ((v.kind === "fma" || v.kind === "fma-lane") && isOld(v.acc)) factors = [v.a, v.b];
  else if (v.kind === "binary" && (v.op === "add" || v.op === "max") && isOld(v.lhs)) factors = [v.rhs];
  else return undefined;
  const loads = factors.map(loadOf);
  if (loads.some((l) => l === undefined || stored.has(l.buffer))) return undefined;
  return {
    stmt: s,
    op: v.kind === "binary" && v.op === "max" ? "max" : "add",
    reads: (loads as readonly VLoad[]).map(readOf),
    lane: v.kind === "fma-lane" ? v.lane : 0,
  };
}

function loadOf(e: VExpr): VLoad | undefined {
  if (e.kind === "load") return e;
  return e.kind === "splat" && e.value.kind === "load" ? e.value : undefined;
}

function bestOrder(group: readonly Accumulation[], registers: readonly number[]): readonly Accumulation[] {
  if (group.length < 2) return group;
  const buffers = [...new Set(group.flatMap((a) => a.reads.map((r) => r.buffer)))];
  const orders = [group, ...buffers.map((b) => streamed(group, b))];
  const pairs = buffers.flatMap((b) => buffers.filter((c) => c !== b).map((c) => [b, c] as const));
  const nested = (): readonly (readonly Accumulation[])[] =>
    pairs.map(([b, c]) => byPlane(group, c).flatMap((part) => streamed(part, b)));
  const [first] = registers;
  const found = orders.map(judged);
  const candidates = found.some(({ pressure }) => pressure <= first)
    ? found
    : [...found, ...nested().map(judged)];
  for (const limit of registers) {
    const fitting = candidates.filter((c) => c.pressure <= limit);
    if (fitting.length > 0) return fitting.reduce((a, b) => (b.distance > a.distance ? b : a)).order;
  }
  return candidates.reduce((a, b) => (b.pressure < a.pressure ? b : a)).order;
}

function judged(order: readonly Accumulation[]): {
  readonly order: readonly Accumulation[];
  readonly pressure: number;
  readonly distance: number;
} {
  return { order, pressure: livePressure(order), distance: accumulatorDistance(order) };
}

/** Elements between two loads that are no neighbours: of other planes. */
const APART = 64;

/** Parts that read neighbours of a buffer each: one plane after the other, as where vectors lie along a row of a channel. */
function byPlane(group: readonly Accumulation[], buffer: string): readonly (readonly Accumulation[])[] {
  const parts: { readonly base: number; last: number; readonly of: Accumulation[] }[] = [];
  for (const a of streamed(group, buffer)) {
    const { base, offset } = readFrom(a, buffer);
    const part = parts.at(-1);
    if (part?.base === base && offset - part.last <= APART) {
      part.of.push(a);
      part.last = offset;
    } else parts.push({ base, last: offset, of: [a] });
  }
  return parts.map(({ of }) => of);
}

/** One vector of `buffer` after the other, in address order; within one, lane after lane. */
function streamed(group: readonly Accumulation[], buffer: string): Accumulation[] {
  const bases = new Map<number, number>();
  const keyed = group.map((a, i) => {
    const { base, offset } = readFrom(a, buffer);
    if (!bases.has(base)) bases.set(base, bases.size);
    return { a, i, base: bases.get(base) ?? 0, offset };
  });
  keyed.sort((p, q) => p.base - q.base || p.offset - q.offset || p.a.lane - q.a.lane || p.i - q.i);
  return keyed.map((k) => k.a);
}

const NOTHING = { base: -1, offset: 0 } as const;

/** What an accumulation reads from a buffer first. */
function readFrom({ reads }: Accumulation, buffer: string): Pick<Read, "base" | "offset"> {
  return reads.find((r) => r.buffer === buffer) ?? NOTHING;
}

/** Accumulators plus the most loaded vectors alive at once, when each is loaded at its first use. */
function livePressure(order: readonly Accumulation[]): number {
  const last = new Map<number, number>();
  const first = new Map<number, number>();
  order.forEach(({ reads }, i) => {
    for (const { vector } of reads) {
      if (!first.has(vector)) first.set(vector, i);
      last.set(vector, i);
    }
  });
  const starts = new Array<number>(order.length).fill(0);
  const ends = new Array<number>(order.length).fill(0);
  for (const [k, i] of first) {
    starts[i]++;
    ends[last.get(k) ?? i]++;
  }
  let live = 0;
  let most = 0;
  for (let i = 0; i < order.length; i++) {
    live += starts[i];
    most = Math.max(most, live);
    live -= ends[i];
  }
  return most + new Set(order.map((a) => a.stmt.name)).size;
}

/** Mean number of statements between two that write the same accumulator, none more than 16. */
function accumulatorDistance(order: readonly Accumulation[]): number {
  const seen = new Map<string, number>();
  let sum = 0;
  order.forEach((a, i) => {
    sum += Math.min(16, i - (seen.get(a.stmt.name) ?? i - 16));
    seen.set(a.stmt.name, i);
  });
  return sum / order.length;
}
