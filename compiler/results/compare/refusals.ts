import { FIGURE_KINDS, type FigureKind, figuresByKind, KINDS, type PlaceField } from "../figure-kinds.ts";
import type { CaseResult } from "../results.schema.ts";
import type { Refusal } from "./comparison.ts";

const FIELDS: readonly PlaceField[] = ["modelSha256", "target", "core", "isa", "board", "timing", "threads"];

/** What two cases of a name disagree in, with the kinds of figures that both may have and that hang on it. */
export function refusalsOf(base: CaseResult, now: CaseResult): readonly Refusal[] {
  const there = new Set([...kindsOf(base), ...kindsOf(now)]);
  return FIELDS.flatMap((field) => {
    const [a, b] = [base[field], now[field]];
    // A hash that one file does not tell says nothing.
    if (a === b || a === undefined || b === undefined) return [];
    const kinds = FIGURE_KINDS.filter((kind) => there.has(kind) && KINDS[kind].hangsOn.includes(field));
    return [{ field, base: String(a), now: String(b), kinds }];
  });
}

function kindsOf({ whole, layers, timing }: CaseResult): FigureKind[] {
  return [whole, ...layers.map(({ figures }) => figures)].flatMap((figures) => [
    ...figuresByKind(figures, timing).keys(),
  ]);
}
