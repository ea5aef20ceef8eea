import { z } from "zod";
import { axisRanges } from "../../ir/axes.ts";
import { escapes } from "../../ir/bounds.ts";
import type { Expr } from "../../ir/expr.ts";
import { combine, constant, type Index, isConstant, type Ranges, subtract } from "../../ir/index-expr.ts";
import { mapExpr, mapStmt, walkLoads } from "../../ir/rewrite.ts";
import type { Block, Stmt } from "../../ir/stmt.ts";
import { substitute } from "../../ir/substitute.ts";
import { accessesOf } from "../accesses.ts";
import { declarationsOf, rewriteAllocs, withoutPrefetch } from "../buffers.ts";
import { knownName } from "../fields.ts";
import { checkLater, flowOf, rewriteFlow } from "../flow.ts";
import { withBody } from "../loops.ts";
import { checkLocal, definePrimitive, refuse } from "../primitive.ts";
import { loopRanges } from "../window.ts";

const schema = z.strictObject({ op: z.literal("inline"), buffer: knownName });
export type InlineStep = Readonly<z.infer<typeof schema>>;

/**
 * Replaces every read of a local buffer by the expression that made the element, and drops the buffer. What
 * is read twice is computed twice.
 *
 * ```ts before
 * const t = stack([8]);
 * for (const k of range(8)) { t[k] = x[k] + 1; }
 * for (const i of range(7)) { y[i] = t[i] * t[i + 1]; }
 * ```
 * ```ts after inline("t")
 * for (const i of range(7)) { y[i] = (x[i] + 1) * (x[i + 1] + 1); }
 * ```
 */
export const inline = definePrimitive<InlineStep>({
  op: "inline",
  schema,
  check(proc, { buffer }) {
    const title = `cannot inline \`${buffer}\``;
    const missing = checkLocal(proc, title, buffer);
    if (missing) return missing;
    const ranges = axisRanges(proc.body);
    for (const { alloc } of declarationsOf(proc.body, buffer)) {
      const flow = flowOf(alloc.body, buffer);
      const late = checkLater(title, flow, buffer, ranges);
      if (late) return late;
      const formula = flow.producers.length === 1 ? formulaOf(flow.producers[0], buffer) : undefined;
      if (formula === undefined) {
        return refuse(
          "S120",
          `${title}: its elements are not each one expression`,
          "it must be made by one nest of loops with a single store, every loop counting one of its dimensions",
          `computeAt("${buffer}", ...) moves any nest`,
        );
      }
      const outside = unmade(flow.consumers, buffer, formula, ranges);
      if (outside) return refuse("S121", `${title}: elements are read that were never made`, outside);
    }
    return undefined;
  },
  apply(proc, { buffer }) {
    const ranges = axisRanges(proc.body);
    return withBody(
      proc,
      rewriteAllocs(withoutPrefetch(proc.body, buffer), buffer, (alloc) => {
        const flow = flowOf(alloc.body, buffer);
        const formula = formulaOf(flow.producers[0], buffer);
        if (formula === undefined) return alloc;
        return rewriteFlow(alloc.body, buffer, (s) =>
          flow.producers.includes(s) ? [] : inlined(s, buffer, formula, ranges),
        );
      }),
    );
  },
});

/** How the elements of a buffer are made: the value in terms of loops, each of which counts a dimension. */
interface Formula {
  readonly value: Expr;
  /** Per dimension: the loop and its extent, and what is added; no loop: the one index made. */
  readonly dims: readonly { readonly axis?: string; readonly extent: number; readonly offset: number }[];
}

function formulaOf(producer: Stmt, buffer: string): Formula | undefined {
  const extents = new Map<string, number>();
  let s = producer;
  while (s.kind === "for") {
    if (s.body.length !== 1) return undefined;
    extents.set(s.axis, s.extent);
    s = s.body[0];
  }
  if (s.kind !== "store") return undefined;
  let own = false;
  walkLoads(s.value, (l) => {
    if (l.buffer === buffer) own = true;
  });
  if (own) return undefined;
  const dims: { axis?: string; extent: number; offset: number }[] = [];
  for (const index of s.at) {
    const [term] = index.terms;
    if (isConstant(index)) {
      dims.push({ extent: 1, offset: index.offset });
      continue;
    }
    const name = term.atom.kind === "axis" ? term.atom.name : "";
    const extent = extents.get(name);
    if (index.terms.length !== 1 || term.coef !== 1 || extent === undefined) return undefined;
    extents.delete(name);
    dims.push({ axis: name, extent, offset: index.offset });
  }
  return extents.size === 0 ? { value: s.value, dims } : undefined;
}

/** A read of an element that the formula does not give, told with numbers. */
function unmade(consumers: Block, buffer: string, formula: Formula, ranges: Ranges): string | undefined {
  for (const t of accessesOf(consumers)) {
    if (t.buffer !== buffer) continue;
    const around = new Map([...ranges, ...loopRanges(t)]);
    for (const [d, { extent, offset }] of formula.dims.entries()) {
      const found = escapes(subtract(t.at[d], constant(offset)), extent, around, t.conds);
      if (found === undefined) continue;
      const read = `${found.range.min + offset} to ${found.range.max + offset}`;
      return `dimension ${d} is read from ${read}, and made from ${offset} to ${offset + extent - 1}`;
    }
  }
  return undefined;
}

function inlined(s: Stmt, buffer: string, { value, dims }: Formula, ranges: Ranges): Stmt {
  return mapStmt(
    s,
    (i) => i,
    (e) => {
      if (e.kind !== "load" || e.buffer !== buffer) return e;
      const by = new Map<string, Index>();
      for (const [d, { axis, offset }] of dims.entries()) {
        if (axis !== undefined) by.set(axis, combine([[e.at[d], 1]], -offset));
      }
      return mapExpr(value, (i) => substitute(i, by, ranges));
    },
  );
}
