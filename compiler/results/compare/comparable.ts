import { UserError } from "../../support/diagnostic.ts";
import { someOf } from "../../support/text.ts";
import type { Comparison } from "./comparison.ts";
import { remarksOf } from "./remarks.ts";

/** Throws R163 where no case is in both files, or no figure of any case may be compared. */
export function checkComparable(comparison: Comparison): void {
  const { cases, onlyBase, onlyNow } = comparison;
  if (cases.length === 0) {
    const names = (all: readonly string[]): string => (all.length === 0 ? "no case" : someOf(all));
    throw incomparable(`BASE has ${names(onlyBase)}; NOW has ${names(onlyNow)}: no name is in both`);
  }
  const compared = cases.some(
    ({ changes, layers }) => changes.length > 0 || layers.some((layer) => layer.changes.length > 0),
  );
  const refused = cases.some(({ refused }) => refused.some(({ kinds }) => kinds.length > 0));
  if (!compared && refused) {
    const reasons = remarksOf(comparison).filter((text) => text.includes("not compared ("));
    throw incomparable(reasons.slice(0, 12).join("\n"));
  }
}

function incomparable(why: string): UserError {
  return new UserError({
    code: "R163",
    exit: "badInput",
    title: "nothing of BASE and NOW can be compared",
    why,
    help: ["run `tilewright test` with the same suite, board and threads for both"],
  });
}
