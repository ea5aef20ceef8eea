import { z } from "zod";
import { axisRanges } from "../../ir/axes.ts";
import { escapes } from "../../ir/bounds.ts";
import {
  axis as axisIndex,
  combine,
  constant,
  type Index,
  type Ranges,
  subtract,
} from "../../ir/index-expr.ts";
import type { LoopProc } from "../../ir/proc.ts";
import { flatMapSame, mapBlocks, walk } from "../../ir/rewrite.ts";
import type { AllocStmt, Block, Stmt } from "../../ir/stmt.ts";
import type { Diagnostic } from "../../support/diagnostic.ts";
import { accessesOf, type TouchedAt } from "../accesses.ts";
import { allocatedIn, mapAccesses, rewriteAllocs, withoutPrefetch } from "../buffers.ts";
import { type Flow, flowOf, rewriteFlow, whyNotLater } from "../flow.ts";
import { enter, outermost, type Surroundings, substituteBlock, withBody } from "../loops.ts";
import { checkAxis, definePrimitive, localNames, refuse } from "../primitive.ts";
import { insideWindow, type Window, windowOf } from "../window.ts";

const schema = z.strictObject({ op: z.literal("computeAt"), buffer: z.string(), at: z.string() });
export type ComputeAtStep = Readonly<z.infer<typeof schema>>;

/**
 * Moves the statements that make a local buffer into a loop of those that use it. Each iteration of the loop
 * then makes only the window it uses, in a buffer just large enough. What two iterations share is made twice.
 *
 * ```ts before
 * const t = stack([9]);
 * for (const k of range(9)) { t[k] = x[k] * x[k]; }
 * for (const i of range(8)) { y[i] = t[i] + t[i + 1]; }
 * ```
 * ```ts after computeAt("t", "i")
 * for (const i of range(8)) {
 *   const t = stack([2]);
 *   for (const k of range(2)) { t[k] = x[i + k] * x[i + k]; }
 *   y[i] = t[0] + t[1];
 * }
 * ```
 */
export const computeAt = definePrimitive<ComputeAtStep>({
  op: "computeAt",
  schema,
  check(proc, { buffer, at }) {
    const missing = checkAxis(proc, "compute at", at);
    if (missing) return missing;
    const title = `cannot compute \`${buffer}\` at \`${at}\``;
    const declared = sites(proc, buffer);
    if (declared.length === 0) {
      const known = localNames(proc);
      const why = known.length === 0 ? "there are none" : `the local buffers are ${known.join(", ")}`;
      return refuse("S115", `${title}: no such local buffer`, why);
    }
    const ranges = axisRanges(proc.body);
    for (const { alloc, around } of declared) {
      const flow = flowOf(alloc.body, buffer);
      const late = whyNotLater(flow, buffer, ranges);
      if (late) return refuse("S116", `${title}: what makes it cannot move there`, late);
      const refused = checkUses(title, alloc, flow, around, buffer, at);
      if (refused) return refused;
    }
    return undefined;
  },
  apply(proc, { buffer, at }) {
    const ranges = axisRanges(proc.body);
    return withBody(
      proc,
      rewriteAllocs(withoutPrefetch(proc.body, buffer), buffer, (alloc) => {
        const flow = flowOf(alloc.body, buffer);
        const made = producedDims(flow, buffer, alloc.shape.length);
        const moveInto = (block: Block, crossed: readonly string[]): Block =>
          flatMapSame(block, (s) => {
            const inside = s.kind === "for" ? [...crossed, s.axis] : crossed;
            if (s.kind !== "for" || s.axis !== at) return mapBlocks(s, (b) => moveInto(b, inside));
            return { ...s, body: computedIn(s.body, alloc, flow, made, inside, ranges) };
          });
        return rewriteFlow(alloc.body, buffer, (s) => {
          if (flow.producers.includes(s)) return [];
          return flow.consumers.includes(s) ? moveInto([s], []) : s;
        });
      }),
    );
  },
});

interface Site {
  readonly alloc: AllocStmt;
  readonly around: Surroundings;
}

/** Every declaration of a buffer with what surrounds its body. */
function sites(proc: LoopProc, buffer: string): Site[] {
  const found: Site[] = [];
  const visit = (block: Block, around: Surroundings): void => {
    for (const s of block) {
      if (!("body" in s)) continue;
      const inside = enter(s, around);
      if (s.kind === "alloc" && s.buffer === buffer) found.push({ alloc: s, around: inside });
      else visit(s.body, inside);
    }
  };
  visit(proc.body, outermost(proc));
  return found;
}

/** A dimension that the producers fill by one loop: element `axis + offset` in iteration `axis`. */
interface ProducedDim {
  readonly axis: string;
  readonly offset: number;
  readonly extent: number;
}

/** The dimensions of which the producers can make a part; undefined for those they make as a whole. */
function producedDims(flow: Flow, buffer: string, rank: number): readonly (ProducedDim | undefined)[] {
  const touched = accessesOf(flow.producers).filter((t) => t.buffer === buffer);
  const dims = Array.from({ length: rank }, (_, d) => producedDim(touched, d));
  return dims.map((dim, d) =>
    dims.some((other, e) => e !== d && other?.axis === dim?.axis) ? undefined : dim,
  );
}

function producedDim(touched: readonly TouchedAt[], d: number): ProducedDim | undefined {
  const found = touched.map((t): ProducedDim | undefined => {
    const { terms, offset } = t.at[d];
    const [term] = terms;
    if (terms.length !== 1 || term.coef !== 1 || term.atom.kind !== "axis") return undefined;
    const { name } = term.atom;
    const l = t.loops.find((around) => around.axis === name);
    return l === undefined ? undefined : { axis: name, offset, extent: l.extent };
  });
  const [first] = found;
  const same = found.every(
    (f) => f?.axis === first?.axis && f?.offset === first?.offset && f?.extent === first?.extent,
  );
  return same ? first : undefined;
}

/** The window that a loop's body uses; dimensions made as a whole are used as a whole. */
function usedWindow(
  body: Block,
  alloc: AllocStmt,
  made: readonly (ProducedDim | undefined)[],
): Window | undefined {
  const reads = accessesOf(body).filter((t) => t.buffer === alloc.buffer);
  if (reads.length === 0) return undefined;
  const window = windowOf(reads, alloc.shape);
  return {
    base: window.base.map((base, d) => (made[d] === undefined ? constant(0) : base)),
    shape: window.shape.map((extent, d) => (made[d] === undefined ? alloc.shape[d] : extent)),
  };
}

function checkUses(
  title: string,
  alloc: AllocStmt,
  flow: Flow,
  around: Surroundings,
  buffer: string,
  at: string,
): Diagnostic | undefined {
  const made = producedDims(flow, buffer, alloc.shape.length);
  const madeBy = new Set<string>();
  walk(flow.producers, (s) => {
    if (s.kind === "for") madeBy.add(s.axis);
  });
  const locals = allocatedIn(flow.producers);
  let refused: Diagnostic | undefined;
  const visit = (block: Block, inside: Surroundings, crossed: readonly Stmt[]): void => {
    for (const s of block) {
      if (!("body" in s)) {
        if (accessesOf([s]).some((t) => t.buffer === buffer)) {
          refused ??= refuse(
            "S117",
            `${title}: it is also used outside \`${at}\``,
            "every use needs its window",
          );
        }
        continue;
      }
      const within = enter(s, inside);
      const path = [...crossed, s];
      if (s.kind !== "for" || s.axis !== at) {
        visit(s.body, within, path);
        continue;
      }
      const window = usedWindow(s.body, alloc, made);
      if (window !== undefined) refused ??= checkWindow(title, window, made, within, path, madeBy, locals);
    }
  };
  visit(flow.consumers, around, []);
  return refused;
}

function checkWindow(
  title: string,
  window: Window,
  made: readonly (ProducedDim | undefined)[],
  { ranges, guards }: Surroundings,
  path: readonly Stmt[],
  madeBy: ReadonlySet<string>,
  locals: ReadonlySet<string>,
): Diagnostic | undefined {
  for (const [d, dim] of made.entries()) {
    if (dim === undefined) continue;
    const from = subtract(window.base[d], constant(dim.offset));
    const found = escapes(from, dim.extent - window.shape[d] + 1, ranges, guards);
    if (found === undefined) continue;
    const last = found.range.max + window.shape[d] - 1;
    return refuse(
      "S118",
      `${title}: it would be made where it was not`,
      `\`${dim.axis}\` would run from ${found.range.min} to ${last}, it runs from 0 to ${dim.extent - 1}`,
      "peel or cut the iterations at the border first",
    );
  }
  const dropped = made.flatMap((dim, d) => (dim !== undefined && window.shape[d] === 1 ? [dim.axis] : []));
  const nested = path.find((s) => s.kind === "for" && madeBy.has(s.axis) && !dropped.includes(s.axis));
  if (nested?.kind === "for") {
    return refuse(
      "S119",
      `${title}: a loop \`${nested.axis}\` would be nested in a loop of its name`,
      `the statements that make it have a loop \`${nested.axis}\`, and so have those that use it`,
      `give one of them another name first: split("${nested.axis}", 1, [...])`,
    );
  }
  const hidden = path.find((s) => s.kind === "alloc" && locals.has(s.buffer));
  if (hidden?.kind !== "alloc") return undefined;
  return refuse(
    "S119",
    `${title}: a buffer \`${hidden.buffer}\` would be declared where there is one`,
    `the statements that make it declare \`${hidden.buffer}\`, and so do those that use it`,
  );
}

/** A loop's body that makes the window it uses before it uses it. */
function computedIn(
  body: Block,
  alloc: AllocStmt,
  flow: Flow,
  made: readonly (ProducedDim | undefined)[],
  crossed: readonly string[],
  ranges: Ranges,
): Block {
  const window = usedWindow(body, alloc, made);
  if (window === undefined) return body;
  const { buffer } = alloc;
  const shifted = narrowed(flow.producers, window, made, crossed, ranges);
  const inWindow = (block: Block): Block =>
    mapAccesses(block, buffer, (at) => ({ buffer, at: insideWindow(at, window) }));
  return [{ ...alloc, shape: window.shape, body: [...inWindow(shifted), ...inWindow(body)] }];
}

/**
 * The producers' loops cut down to the window; one of a single iteration whose name is taken by a loop around
 * it is left out.
 */
function narrowed(
  producers: Block,
  window: Window,
  made: readonly (ProducedDim | undefined)[],
  crossed: readonly string[],
  ranges: Ranges,
): Block {
  const extents = new Map<string, number>();
  const starts = new Map<string, Index>();
  for (const [d, dim] of made.entries()) {
    if (dim === undefined) continue;
    const first = subtract(window.base[d], constant(dim.offset));
    extents.set(dim.axis, window.shape[d]);
    starts.set(
      dim.axis,
      crossed.includes(dim.axis)
        ? first
        : combine([
            [first, 1],
            [axisIndex(dim.axis), 1],
          ]),
    );
  }
  const cut = (block: Block): Block =>
    flatMapSame(block, (s) => {
      const inner = mapBlocks(s, cut);
      const extent = s.kind === "for" ? extents.get(s.axis) : undefined;
      if (inner.kind !== "for" || extent === undefined) return inner;
      return crossed.includes(inner.axis) ? inner.body : { ...inner, extent };
    });
  return cut(substituteBlock(producers, starts, ranges));
}
