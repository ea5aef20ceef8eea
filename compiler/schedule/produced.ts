import { escapes } from "../ir/bounds.ts";
import { constant, subtract } from "../ir/index-expr.ts";
import { walk } from "../ir/rewrite.ts";
import type { AllocStmt, Block, Stmt } from "../ir/stmt.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import { accessesOf, type TouchedAt } from "./accesses.ts";
import { allocatedIn } from "./buffers.ts";
import type { Flow } from "./flow.ts";
import { enter, type Surroundings } from "./loops.ts";
import { refuse } from "./primitive.ts";
import { type Window, windowOf } from "./window.ts";

/** A dimension that the producers fill by one loop: element `axis + offset` in iteration `axis`. */
export interface ProducedDim {
  readonly axis: string;
  readonly offset: number;
  readonly extent: number;
}

/** The dimensions of which the producers can make a part; undefined for those they make as a whole. */
export function producedDims(flow: Flow, buffer: string, rank: number): readonly (ProducedDim | undefined)[] {
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
export function usedWindow(
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

export function checkUses(
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
    "S125",
    `${title}: a buffer \`${hidden.buffer}\` would be declared where there is one`,
    `the statements that make it declare \`${hidden.buffer}\`, and so do those that use it`,
  );
}
