import { stableJson } from "../../../support/stable.ts";
import type { Place, TuneLine, Winner } from "../tune-record.ts";

/** Lines of several logs as one, in their order, equal ones once. Fields of later versions are kept. */
export function mergedLines(logs: readonly (readonly TuneLine[])[]): readonly TuneLine[] {
  const seen = new Set<string>();
  return logs.flat().filter((line) => {
    const text = stableJson(line);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** What is measured again by mistake, or found anew, stands for what was found before. */
function supersededBy(line: TuneLine): string | undefined {
  switch (line.kind) {
    case "winner":
      return stableJson([line.kind, line.place, line.workload]);
    case "algorithm":
      return stableJson([line.kind, line.place, line.contest]);
    case "trial":
      return undefined;
  }
}

/**
 * Lines without what nothing reads any more: winners and algorithms of which there are later ones of the same place; and with
 * `trials`, all trials: what was found still serves, tuning begins anew.
 */
export function prunedLines(lines: readonly TuneLine[], trials: boolean): readonly TuneLine[] {
  const last = new Map<string, TuneLine>();
  for (const line of lines) {
    const key = supersededBy(line);
    if (key !== undefined) last.set(key, line);
  }
  return lines.filter((line) => {
    const key = supersededBy(line);
    return key === undefined ? !trials : last.get(key) === line;
  });
}

/** How the record of a workload at a place differs between two logs. */
export interface RecordDifference {
  readonly before?: Winner;
  readonly now?: Winner;
}

/** Records that are in one log only, or not the same in both: another kernel, or another cost of it. The last of a place and workload counts. */
export function differences(
  before: readonly TuneLine[],
  now: readonly TuneLine[],
): readonly RecordDifference[] {
  const [old, made] = [before, now].map(winners);
  return [...new Set([...old.keys(), ...made.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), made.get(key)];
    const isSame =
      was?.kernel === is?.kernel && was?.cost === is?.cost && was?.ratio.median === is?.ratio.median;
    return isSame ? [] : [{ ...(was && { before: was }), ...(is && { now: is }) }];
  });
}

function winners(lines: readonly TuneLine[]): ReadonlyMap<string, Winner> {
  return new Map(
    lines.flatMap((line) =>
      line.kind === "winner" ? [[stableJson([line.place, line.workload]), line] as const] : [],
    ),
  );
}

/** What a log holds of one place. */
export interface PlaceSummary {
  readonly place: Place;
  readonly workloads: number;
  readonly winners: number;
  readonly algorithms: number;
  /** Trials by what became of them. */
  readonly outcomes: Readonly<Record<string, number>>;
}

export function summaries(lines: readonly TuneLine[]): readonly PlaceSummary[] {
  const places = new Map<string, TuneLine[]>();
  for (const line of lines) {
    const key = stableJson(line.place);
    places.set(key, [...(places.get(key) ?? []), line]);
  }
  return [...places.values()].map((own) => {
    const outcomes: Record<string, number> = {};
    for (const line of own)
      if (line.kind === "trial") outcomes[line.outcome] = (outcomes[line.outcome] ?? 0) + 1;
    return {
      place: own[0].place,
      workloads: new Set(own.flatMap((line) => (line.kind === "algorithm" ? [] : [line.workload]))).size,
      winners: winners(own).size,
      algorithms: own.filter(({ kind }) => kind === "algorithm").length,
      outcomes,
    };
  });
}
