import { z } from "zod";
import { axisRanges } from "../../ir/axes.ts";
import {
  axis as axisIndex,
  combine,
  constant,
  type Index,
  type Ranges,
  subtract,
} from "../../ir/index-expr.ts";
import type { LoopProc } from "../../ir/proc.ts";
import { flatMapSame, mapBlocks } from "../../ir/rewrite.ts";
import type { AllocStmt, Block } from "../../ir/stmt.ts";
import { mapAccesses, rewriteAllocs, withoutPrefetch } from "../buffers.ts";
import { knownName } from "../fields.ts";
import { checkLater, type Flow, flowOf, rewriteFlow } from "../flow.ts";
import { enter, outermost, type Surroundings, substituteBlock, withBody } from "../loops.ts";
import { checkAxis, checkLocal, definePrimitive } from "../primitive.ts";
import { checkUses, type ProducedDim, producedDims, usedWindow } from "../produced.ts";
import { insideWindow, type Window } from "../window.ts";

const schema = z.strictObject({ op: z.literal("computeAt"), buffer: knownName, at: knownName });
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
    const title = `cannot compute \`${buffer}\` at \`${at}\``;
    const missing = checkAxis(proc, "compute at", at) ?? checkLocal(proc, title, buffer);
    if (missing) return missing;
    const ranges = axisRanges(proc.body);
    for (const { alloc, around } of sites(proc, buffer)) {
      const flow = flowOf(alloc.body, buffer);
      const late = checkLater(title, flow, buffer, ranges);
      if (late) return late;
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
