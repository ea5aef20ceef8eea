import type { HistoryFigures, HistoryLine } from "./history.schema.ts";
import type { Figures, Results } from "./results.schema.ts";

/** Fewer digits of a hash name no commit. */
const LEAST_DIGITS = 7;

/** The latest run of a history that is labelled with a commit: its hash, the first digits of that, or the name it is asked by. */
export function runOfCommit(
  lines: readonly HistoryLine[],
  word: string,
  sha: string,
): HistoryLine | undefined {
  const names = (label: string): boolean => {
    const [, digits = ""] = /(?:^|\()([0-9a-f]+)\)?$/.exec(label) ?? [];
    return label === word || (digits.length >= LEAST_DIGITS && sha.startsWith(digits));
  };
  return lines.findLast(({ label }) => label !== undefined && names(label));
}

/** What a history kept of a run, as results; what it does not keep is empty, and times are one median each. */
export function resultsOfRun({
  format: _,
  version,
  tilewright,
  suite,
  label,
  date,
  cases,
}: HistoryLine): Results {
  return {
    format: "tilewright-results",
    version,
    tilewright,
    suite,
    ...(label !== undefined && { label }),
    ...(date !== undefined && { date }),
    cases: cases.map((each) => ({
      ...each,
      ...{ model: "", seconds: 0, checks: [] },
      whole: figuresOf(each.whole),
      layers: each.layers.map(({ name, kernel, figures }) => ({
        ...{ name, kernel, op: "", schedule: "", choice: "", macs: 0 },
        figures: figuresOf(figures),
      })),
    })),
  };
}

function figuresOf({ ns, ...figures }: HistoryFigures): Figures {
  return { ...figures, ...(ns !== undefined && { ns: [ns] }) };
}
