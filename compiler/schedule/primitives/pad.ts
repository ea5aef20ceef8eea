import { z } from "zod";
import { escapes } from "../../ir/bounds.ts";
import { mapWithRanges } from "../../ir/fold.ts";
import { rangeOf, staysInTables, usesAxis } from "../../ir/index-expr.ts";
import type { LoopProc } from "../../ir/proc.ts";
import { flatMapSame, mapBlocks, walk, walkExpr, walkIndices } from "../../ir/rewrite.ts";
import type { Block, ForStmt } from "../../ir/stmt.ts";
import { accessesOf, type TouchedAt } from "../accesses.ts";
import { rewriteAllocs } from "../buffers.ts";
import { factor, knownName } from "../fields.ts";
import { enter, loopsNamed, outermost, type Surroundings, withBody } from "../loops.ts";
import { filledBeyond, namesOf, type Reach, readUnwritten } from "../pad-fill.ts";
import { bufferNames, checkAxis, definePrimitive, refuse } from "../primitive.ts";
import { loopRanges } from "../window.ts";

const schema = z.strictObject({ op: z.literal("pad"), axis: knownName, multiple: factor });
export type PadStep = Readonly<z.infer<typeof schema>>;

/**
 * Rounds a loop up to a multiple, so that it fills whole vectors. The extra iterations compute what nobody
 * reads: they may write only elements of local buffers beyond their present shape, which grows to hold them,
 * and read parameters only inside their bounds. New elements that no extra iteration writes but one reads are
 * set to zero first. Of several loops of the name those that cannot be padded,
 * such as the one that copies a result out, keep their extent; stage what stands in the way.
 *
 * ```ts before
 * const t = stack([6]);
 * for (const i of range(6)) { t[i] = x[i]; }
 * for (const i of range(6)) { y[i] = t[i]; }
 * ```
 * ```ts after pad("i", 4)
 * const t = stack([8]);
 * for (const i of range(8)) { t[i] = x[i]; }
 * for (const i of range(6)) { y[i] = t[i]; }
 * ```
 */
export const pad = definePrimitive<PadStep>({
  op: "pad",
  schema,
  check(proc, { axis, multiple }) {
    const missing = checkAxis(proc, "pad", axis);
    if (missing) return missing;
    if (loopsNamed(proc.body, axis).every((l) => l.extent % multiple === 0)) return undefined;
    const { padded, why } = plan(proc, axis, multiple);
    if (padded.size > 0) return undefined;
    return refuse(
      "S113",
      `cannot pad \`${axis}\` to a multiple of ${multiple}: the extra iterations would be seen`,
      why ?? "",
      "stage what stands in the way into a local buffer first",
    );
  },
  apply(proc, { axis, multiple }) {
    const { padded, shapes, unwritten } = plan(proc, axis, multiple);
    const names = namesOf(proc.body, bufferNames(proc));
    const longer = (block: Block): Block =>
      flatMapSame(block, (s) => {
        const inner = mapBlocks(s, longer);
        if (inner.kind !== "for" || !padded.has(s)) return inner;
        const body = withoutHints(inner.body, axis);
        return body.length === 0 ? [] : { ...inner, body, extent: roundUp(inner.extent, multiple) };
      });
    const grown = [...shapes].reduce(
      (block, [buffer, shape]) =>
        rewriteAllocs(block, buffer, (a) => {
          const grown = grow(a, shape);
          return unwritten.has(buffer) ? filledBeyond(grown, a.shape, names) : grown;
        }),
      longer(proc.body),
    );
    return withBody(proc, grown);
  },
});

/** Prefetches that move with the axis would ask for elements that are not there. */
function withoutHints(block: Block, axis: string): Block {
  return flatMapSame(block, (s) => {
    if (s.kind === "prefetch") return s.at.some((i) => usesAxis(i, axis)) ? [] : s;
    const inner = mapBlocks(s, (b) => withoutHints(b, axis));
    return "body" in inner && inner.body.length === 0 ? [] : inner;
  });
}

function grow<A extends { readonly shape: readonly number[] }>(alloc: A, shape: readonly number[]): A {
  // another buffer of the name, of a loop that is not padded
  if (alloc.shape.length !== shape.length) return alloc;
  return { ...alloc, shape: alloc.shape.map((extent, d) => Math.max(extent, shape[d])) };
}

const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

interface Plan {
  readonly padded: ReadonlySet<unknown>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Buffers whose new elements would be read before anything writes them. */
  readonly unwritten: ReadonlySet<string>;
  /** Why the first loop that is not padded is not. */
  readonly why: string | undefined;
}

/** Which loops can be padded, and the shapes local buffers then need. */
function plan(proc: LoopProc, axis: string, multiple: number): Plan {
  const params = new Set(proc.params.map((p) => p.name));
  const padded = new Set<unknown>();
  const shapes = new Map<string, readonly number[]>();
  const reaches: Reach[] = [];
  const own = new Map<string, readonly number[]>();
  walk(proc.body, (s) => {
    if (s.kind === "alloc") own.set(s.buffer, s.shape);
  });
  let why: string | undefined;
  const visit = (block: Block, around: Surroundings): void => {
    for (const s of block) {
      if (s.kind === "for" && s.axis === axis) {
        if (s.extent % multiple === 0) continue;
        const needs = extraTouches(s, around, params, roundUp(s.extent, multiple));
        if (typeof needs === "string") why ??= needs;
        else {
          padded.add(s);
          reaches.push(...needs.reaches);
          for (const [buffer, shape] of needs.shapes) {
            const old = shapes.get(buffer);
            shapes.set(buffer, old === undefined ? shape : shape.map((n, d) => Math.max(n, old[d])));
          }
        }
      } else if ("body" in s) visit(s.body, enter(s, around));
    }
  };
  visit(proc.body, outermost(proc));
  return { padded, shapes, unwritten: readUnwritten(reaches, own), why };
}

/** What extra iterations need of local buffers. */
interface Needs {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly reaches: readonly Reach[];
}

/** What iterations up to `extent` need, or why they would be seen. */
function extraTouches(
  l: ForStmt,
  around: Surroundings,
  params: ReadonlySet<string>,
  extent: number,
): Needs | string {
  const reaches: Reach[] = [];
  const needs = new Map<string, readonly number[]>();
  const privates = new Map<string, readonly number[]>();
  walk(l.body, (s) => {
    if (s.kind === "alloc") privates.set(s.buffer, s.shape);
  });
  const short = tableTouch(l, around, extent);
  if (short !== undefined) return short;
  for (const t of accessesOf(l.body, { privates: true })) {
    const own = privates.get(t.buffer) ?? around.shapes.get(t.buffer) ?? [];
    const shape = needs.get(t.buffer) ?? own;
    const extra = new Map([...around.ranges, ...loopRanges(t), [l.axis, { min: l.extent, max: extent - 1 }]]);
    if (params.has(t.buffer)) {
      const seen = paramTouch(t, shape, extra, around);
      if (seen !== undefined) return seen;
      continue;
    }
    const bounds = t.at.map((index) => rangeOf(index, extra));
    if (bounds.some((b) => b.min < 0 || !Number.isFinite(b.max)))
      return `${t.buffer} would be left at its front`;
    if (t.kind !== "read" && !privates.has(t.buffer) && !bounds.some((b, d) => b.min >= own[d])) {
      return `iteration ${l.axis}=${l.extent} would write elements of ${t.buffer} that others use`;
    }
    const most = bounds.map(({ max }) => max);
    const certain = t.kind === "write" && t.conds.length + around.guards.length === 0;
    reaches.push({ buffer: t.buffer, kind: certain ? "write" : "read", most });
    needs.set(
      t.buffer,
      shape.map((n, d) => Math.max(n, most[d] + 1)),
    );
  }
  return { shapes: needs, reaches };
}

/** Why a table ends too early, or begins too late. */
function tableTouch(l: ForStmt, around: Surroundings, extent: number): string | undefined {
  let why: string | undefined;
  mapWithRanges(l.body, new Map(around.ranges).set(l.axis, { min: 0, max: extent - 1 }), (s, ranges) => {
    if ("body" in s && s.kind !== "if") return s;
    walkIndices([s.kind === "if" ? { ...s, body: [] } : s], (index) => {
      if (!staysInTables(index, ranges)) why ??= "an index table ends before";
    });
    if (s.kind !== "store" && s.kind !== "reduce") return s;
    walkExpr(s.value, (e) => {
      if (e.kind !== "table") return;
      e.at.forEach((index, d) => {
        const { min, max } = rangeOf(index, ranges);
        if (min < 0) why ??= `the table ${e.table.name} would be left at its front`;
        if (max >= e.table.shape[d]) why ??= `the table ${e.table.name} ends at ${e.table.shape[d] - 1}`;
      });
    });
    return s;
  });
  return why;
}

function paramTouch(
  t: TouchedAt,
  shape: readonly number[],
  extra: Surroundings["ranges"],
  { guards }: Surroundings,
): string | undefined {
  if (t.kind !== "read") return `${t.buffer} is an output`;
  for (const [d, index] of t.at.entries()) {
    const found = escapes(index, shape[d], extra, [...guards, ...t.conds]);
    if (found === undefined) continue;
    return `dimension ${d} of ${t.buffer} would be read up to ${found.range.max}, it ends at ${shape[d] - 1}`;
  }
  return undefined;
}
