import { KINDS } from "../figure-kinds.ts";
import type { CaseComparison, Change, Comparison, LayerComparison } from "./comparison.ts";

/** A figure of a whole network or a layer, with what became of it in a word. */
export interface ChangeRow {
  readonly case: CaseComparison;
  /** Absent: the whole network. */
  readonly layer?: LayerComparison;
  readonly change: Change;
  readonly word: string;
}

/** Every figure that is in both files, in the order of the second. */
export function changeRows(comparison: Comparison): readonly ChangeRow[] {
  return comparison.cases.flatMap((found) => [
    ...found.changes.map((change) => ({ case: found, change, word: wordOf(change) })),
    ...found.layers.flatMap((layer) =>
      layer.changes.map((change) => ({ case: found, layer, change, word: wordOf(change) })),
    ),
  ]);
}

/** Those that a person looks at: of whole networks all, of layers what changed. */
export function shownRows(comparison: Comparison): readonly ChangeRow[] {
  return changeRows(comparison).filter(
    ({ layer, change }) => layer === undefined || change.direction !== "same",
  );
}

function wordOf({ kind, direction }: Change): string {
  const [less, more] = KINDS[kind].words;
  return direction === "same" ? "same" : direction === "better" ? less : more;
}

/** How many figures of layers and networks became better, worse, or stayed, and how many layers have their kernel still. */
export function tally(comparison: Comparison): string {
  const rows = changeRows(comparison);
  const count = (direction: Change["direction"]): number =>
    rows.filter(({ change }) => change.direction === direction).length;
  const layers = comparison.cases.flatMap((found) => found.layers);
  const same = layers.filter(({ sameKernel }) => sameKernel).length;
  const kernels = layers.length === 0 ? "" : `; ${same} of ${layers.length} layers have the same kernel`;
  return `${rows.length} figures compared: ${count("better")} better, ${count("worse")} worse, ${count("same")} the same${kernels}`;
}
