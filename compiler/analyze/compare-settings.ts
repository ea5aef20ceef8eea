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
  readonly better: "group_size" | "groups";
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
          better: ratio < 1 ? ("group_size" as const) : ("groups" as const),
        },
      ];
    });
}

/** The rows that no other beats: none has at least their MACs (a network's capacity) at less cost. */
export function paretoFront<R extends Pick<SweepRow, "macs" | "cost">>(rows: readonly R[]): R[] {
  return rows.filter(
    (row) =>
      !rows.some(
        (other) =>
          other.macs >= row.macs &&
          other.cost <= row.cost &&
          (other.macs > row.macs || other.cost < row.cost),
      ),
  );
}
