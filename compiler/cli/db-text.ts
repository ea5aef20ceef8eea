import { pointText } from "../driver/tune/candidate.ts";
import type { PlaceSummary, RecordDifference } from "../driver/tune/records/log-lines.ts";
import type { Place, Winner } from "../driver/tune/tune-record.ts";
import { visible } from "../support/text.ts";
import { plainTable } from "./tables.ts";

/** Records as a table, one line each. */
export async function bestText(records: readonly Winner[]): Promise<string> {
  if (records.length === 0) return "no records: a tune writes them when it ends, or is stopped by its budget";
  const rows = records.map((record) => {
    const { op, workload, place, reference, kernel } = record;
    const gain = reference === kernel ? "" : `${(100 * (1 - record.ratio.median)).toFixed(1)} %`;
    const point = reference === kernel ? "as estimated" : pointText(record);
    return [op, workload, placeText(place), costText(record), gain, String(record.trials), point].map(
      visible,
    );
  });
  return plainTable(["operator", "workload", "where", "cost", "gain", "trials", "schedule"], rows, [3, 4, 5]);
}

export function bestJson(records: readonly Winner[]): unknown {
  return { records };
}

function placeText({ board, core, threads, kind }: Place): string {
  const by = kind === "modelled" ? `${core}, modelled` : `${board}, measured`;
  return threads === 1 ? by : `${by}, ${threads} threads`;
}

/** Of the record's kernel. */
function costText({ cost, ratio, place }: Winner): string {
  const amount = cost * ratio.median;
  return place.kind === "modelled"
    ? `${(amount / 1e3).toFixed(1)} k cycles`
    : `${(amount / 1e3).toFixed(1)} us`;
}

export async function listText(places: readonly PlaceSummary[]): Promise<string> {
  const rows = places.map(({ place, workloads, winners, algorithms, outcomes }) => {
    const { ok = 0, ...faults } = outcomes;
    const failed = Object.entries(faults).map(([outcome, count]) => `${count} ${outcome}`);
    const trials = [`${ok} ok`, ...failed].join(", ");
    const { board, core, isa, threads, kind, made } = place;
    return [
      board,
      core,
      isa,
      String(threads),
      kind,
      made,
      String(workloads),
      String(winners),
      String(algorithms),
      trials,
    ].map(visible);
  });
  const head = [
    "board",
    "core",
    "isa",
    "threads",
    "kind",
    "compiler",
    "kernels",
    "records",
    "algorithms",
    "trials",
  ];
  return plainTable(head, rows, [3, 6, 7, 8]);
}

export async function diffText(found: readonly RecordDifference[]): Promise<string> {
  if (found.length === 0) return "the same records";
  const rows = found.map(({ before, now }) => {
    const either = (now ?? before) as Winner;
    const change =
      before !== undefined && now !== undefined
        ? `${(100 * ((now.cost * now.ratio.median) / (before.cost * before.ratio.median) - 1)).toFixed(1)} %`
        : before === undefined
          ? "new"
          : "gone";
    const text = (record: Winner | undefined): string =>
      record === undefined ? "" : `${pointText(record)} (${costText(record)})`;
    return [either.op, either.workload, placeText(either.place), change, text(before), text(now)].map(
      visible,
    );
  });
  return plainTable(["operator", "workload", "where", "change", "before", "now"], rows, [3]);
}

export function diffJson(found: readonly RecordDifference[]): unknown {
  return { differences: found };
}
