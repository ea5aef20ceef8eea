import { plainName } from "../../support/text.ts";
import { type FigureKind, figuresByKind } from "../figure-kinds.ts";
import type { CaseResult, LayerResult, Results } from "../results.schema.ts";

/** A whole network or a layer of one, with its figures. */
export interface FigureRow {
  readonly case: CaseResult;
  /** Absent: the whole network. */
  readonly layer?: LayerResult;
  /** `CASE` or `CASE/LAYER`, in one line, and unique: the second of a name ends with ` (2)`. */
  readonly label: string;
  readonly figures: ReadonlyMap<FigureKind, number | readonly number[]>;
}

/** Whole networks and layers, in the order of the file. */
export function figureRows(results: Results): readonly FigureRow[] {
  const taken = new Set<string>();
  const unique = (name: string): string => {
    let label = name;
    for (let i = 2; taken.has(label); i++) label = `${name} (${i})`;
    taken.add(label);
    return label;
  };
  return results.cases.flatMap((found) => {
    const whole = unique(plainName(found.name));
    return [
      { case: found, label: whole, figures: figuresByKind(found.whole, found.timing) },
      ...found.layers.map((layer) => ({
        case: found,
        layer,
        label: unique(`${whole}/${plainName(layer.name)}`),
        figures: figuresByKind(layer.figures, found.timing),
      })),
    ];
  });
}
