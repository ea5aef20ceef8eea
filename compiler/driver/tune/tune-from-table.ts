import { loadTarget } from "../../machine/load.ts";
import { InternalError } from "../../support/diagnostic.ts";
import type { Named } from "./candidate.ts";
import { hopeless } from "./draft.ts";
import { leastCost } from "./least-cost.ts";
import { tableMeter, tableSpace } from "./table-space.ts";
import { type TuneOptions, type TuneReport, tuneSearches } from "./tune-network.ts";
import type { TuneTable } from "./tune-table.ts";

/**
 * A search over what a table has recorded, as on a board, with nothing compiled and nothing run: to study searches. Throws what
 * loading the table's target throws.
 */
export function tuneFromTable(
  table: TuneTable,
  options: Omit<TuneOptions<Named>, "place" | "meter">,
): Promise<TuneReport> {
  const { place, tasks } = table;
  const target = loadTarget(place.target);
  const limit = hopeless(target);
  const searched = tasks
    .filter(({ layer }) => options.layers?.(layer) ?? true)
    .map((task) => ({
      ...task,
      count: 1,
      space: tableSpace(task, limit),
      bound: leastCost(task, target, place),
      data: nothingChecked,
    }));
  return tuneSearches(searched, [], { ...options, place, meter: tableMeter(table) });
}

/** What was recorded was checked then. */
function nothingChecked(): never {
  throw new InternalError("a table checks nothing");
}
