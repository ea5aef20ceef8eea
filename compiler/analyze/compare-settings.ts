import type { Setting, SweepRow } from "./sweep-record.ts";

/** A constant group size against a constant number of groups at nearly the same MACs, as the E2GC paper compares them. */
export interface EqualMacs {
  readonly group_size: Setting;
  readonly groups: Setting;
  readonly macs: readonly [groupSize: number, groups: number];
  /** Cost of the constant group size over that of the constant number of groups. */
  readonly cost_ratio: number;
  /** The same of costs a MAC, as MACs are only nearly equal: below 1 the constant group size wins. */
  readonly ratio: number;
  /** Neither, where their intervals do not tell them apart. */
  readonly better: "group_size" | "groups" | "neither";
}

/** How far apart MACs may be to count as equal; the paper compares 690 with 685 million, 4.20 with 4.23 billion. */
export const EQUAL_WITHIN = 0.02;

/** Each setting of G with the setting of g nearest in MACs, where one is within EQUAL_WITHIN. */
export function equalMacs(rows: readonly SweepRow[]): EqualMacs[] {
  const byGroups = rows.filter(({ setting }) => setting.g !== undefined);
  return rows
    .filter(({ setting }) => setting.G !== undefined)
    .flatMap((a) => {
      const apart = (b: SweepRow): number => Math.abs(a.macs - b.macs) / Math.max(a.macs, b.macs);
      const [b] = byGroups.filter((row) => apart(row) <= EQUAL_WITHIN).sort((p, q) => apart(p) - apart(q));
      if (b === undefined) return [];
      const ratio = a.cost / a.macs / (b.cost / b.macs);
      return [
        {
          group_size: a.setting,
          groups: b.setting,
          macs: [a.macs, b.macs] as const,
          cost_ratio: a.cost / b.cost,
          ratio,
          better: winner(a, b),
        },
      ];
    });
}

type Cost = Pick<SweepRow, "macs" | "cost" | "interval">;

/** Where a cost lies; counted ones are exact. */
function bounds({ cost, interval }: Cost): { readonly low: number; readonly high: number } {
  return interval ?? { low: cost, high: cost };
}

/** Of costs a MAC. */
function winner(groupSize: Cost, groups: Cost): EqualMacs["better"] {
  const below = (a: Cost, b: Cost): boolean => bounds(a).high / a.macs < bounds(b).low / b.macs;
  if (below(groupSize, groups)) return "group_size";
  return below(groups, groupSize) ? "groups" : "neither";
}

/** The rows that no other beats: none has at least their MACs (a network's capacity) at less cost, beyond the noise. */
export function paretoFront<R extends Cost>(rows: readonly R[]): R[] {
  const beats = (a: Cost, b: Cost): boolean => {
    const [{ high }, { low }] = [bounds(a), bounds(b)];
    return a.macs >= b.macs && high <= low && (a.macs > b.macs || high < low);
  };
  return rows.filter((row) => !rows.some((other) => other !== row && beats(other, row)));
}
