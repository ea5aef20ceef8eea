import { axisNames } from "../ir/axes.ts";
import { literal } from "../ir/expr.ts";
import { add, axis, constant } from "../ir/index-expr.ts";
import { type AllocStmt, type Block, loop, type Stmt } from "../ir/stmt.ts";

/** How far extra iterations reach into a local buffer, in each dimension. */
export interface Reach {
  readonly buffer: string;
  /** A write for certain, or a read; what may be either is read first. */
  readonly kind: "read" | "write";
  /** The largest index. */
  readonly most: readonly number[];
}

/**
 * Local buffers whose elements beyond `shapes` are read before a padded loop has written as far.
 *
 * @param reaches in the order of the program; what is written under a condition may not be
 */
export function readUnwritten(
  reaches: readonly Reach[],
  shapes: ReadonlyMap<string, readonly number[]>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [i, { buffer, kind, most }] of reaches.entries()) {
    const shape = shapes.get(buffer);
    if (kind !== "read" || shape === undefined) continue;
    const writes = reaches.slice(0, i).filter((r) => r.kind === "write" && r.buffer === buffer);
    const written = (d: number): boolean => writes.some((w) => w.most[d] >= most[d]);
    if (most.some((n, d) => n >= shape[d] && !written(d))) found.add(buffer);
  }
  return found;
}

/** The declaration with what its buffer has beyond `old` set to zero before anything else. */
export function filledBeyond(alloc: AllocStmt, old: readonly number[], names: Set<string>): AllocStmt {
  const fills = old.flatMap((from, d): Stmt[] => {
    if (alloc.shape[d] <= from) return [];
    const axes = alloc.shape.map((_, n) => freshName(`${alloc.buffer}_fill${d}${n}`, names));
    const at = axes.map((name, n) => (n === d ? add(axis(name), constant(from)) : axis(name)));
    const store: Stmt = { kind: "store", buffer: alloc.buffer, at, value: literal(0, alloc.dtype) };
    const extent = (n: number): number => (n === d ? alloc.shape[n] - from : alloc.shape[n]);
    return [axes.reduceRight<Stmt>((inner, name, n) => loop(name, extent(n), [inner]), store)];
  });
  return { ...alloc, body: [...fills, ...alloc.body] };
}

/** Every name of a loop or buffer of a block. */
export function namesOf(body: Block, buffers: readonly string[]): Set<string> {
  return new Set([...axisNames(body), ...buffers]);
}

/** `wish`, or with the first number that makes it new; taken from then on. */
function freshName(wish: string, names: Set<string>): string {
  let name = wish;
  for (let i = 2; names.has(name); i++) name = `${wish}_${i}`;
  names.add(name);
  return name;
}
