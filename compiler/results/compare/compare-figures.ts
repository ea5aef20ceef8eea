import { FIGURE_KINDS, type FigureKind, figuresByKind } from "../figure-kinds.ts";
import { medianOf } from "../median.ts";
import type { CaseResult, Figures } from "../results.schema.ts";
import type { Change, Unmatched } from "./comparison.ts";
import { timeChange } from "./time-change.ts";

/** One side's figures, and what its times are. */
export interface Sided {
  readonly figures: Figures;
  readonly timing: CaseResult["timing"];
}

/** Compares figures kind by kind, all but those of `refused` kinds. */
export function compareFigures(
  base: Sided,
  now: Sided,
  refused: ReadonlySet<FigureKind>,
): { readonly changes: readonly Change[]; readonly unmatched: readonly Unmatched[] } {
  const left = figuresByKind(base.figures, base.timing);
  const right = figuresByKind(now.figures, now.timing);
  const kinds = FIGURE_KINDS.filter((kind) => !refused.has(kind) && (left.has(kind) || right.has(kind)));
  const changes: Change[] = [];
  const unmatched: Unmatched[] = [];
  for (const kind of kinds) {
    const [a, b] = [left.get(kind), right.get(kind)];
    if (a === undefined) unmatched.push({ kind, only: "now" });
    else if (b === undefined) unmatched.push({ kind, only: "base" });
    else if (typeof a === "number" && typeof b === "number") changes.push(exactChange(kind, a, b));
    else if (typeof a !== "number" && typeof b !== "number") changes.push(timedChange(kind, a, b));
  }
  return { changes, unmatched };
}

function exactChange(kind: FigureKind, base: number, now: number): Change {
  const direction = now === base ? "same" : now < base ? "better" : "worse";
  return { kind, base, now, direction, ...ratioOf(base, now) };
}

function timedChange(kind: FigureKind, before: readonly number[], after: readonly number[]): Change {
  const times = timeChange(before, after);
  const [base, now] = [medianOf(before), medianOf(after)];
  const direction = !times.sure || now === base ? "same" : now < base ? "better" : "worse";
  return { kind, base, now, direction, ...ratioOf(base, now), times };
}

function ratioOf(base: number, now: number): { readonly ratio?: number } {
  const ratio = now / base;
  return Number.isFinite(ratio) ? { ratio } : {};
}
