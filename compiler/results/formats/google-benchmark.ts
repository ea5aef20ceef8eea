import { mean, sampleStandardDeviation } from "simple-statistics";
import { plainName } from "../../support/text.ts";
import { type FigureKind, KINDS } from "../figure-kinds.ts";
import { medianOf } from "../median.ts";
import type { Results } from "../results.schema.ts";
import { type FigureRow, figureRows } from "./figure-rows.ts";

/** Kinds that its tools can compare, and what ends their names: figures of several kinds never have one name. */
const SHOWN: Readonly<Partial<Record<FigureKind, string>>> = {
  measuredNs: "time",
  emulatedNs: "emulated_time",
  cycles: "modelled_cycles",
  instructions: "instructions",
};

/**
 * Google Benchmark's JSON, which its `compare.py` reads: an entry for each run and aggregates as that tool writes them.
 * It knows times alone, so cycles and instructions stand where nanoseconds would; names and labels say what they are.
 */
export function googleBenchmark(results: Results): string {
  const families = figureRows(results).flatMap(({ figures, ...row }) =>
    [...figures].flatMap(([kind, value]) => {
      const ending = SHOWN[kind];
      return ending === undefined ? [] : [{ row, kind, ending, value }];
    }),
  );
  const { date, tilewright, suite, label } = results;
  const context = {
    ...(date !== undefined && { date: plainName(date) }),
    host_name: plainName([...new Set(results.cases.map(({ board }) => board))].join(", ")),
    executable: plainName(suite),
    num_cpus: 1,
    mhz_per_cpu: 0,
    cpu_scaling_enabled: false,
    caches: [],
    load_avg: [],
    library_version: plainName(`tilewright ${tilewright.version}`),
    library_build_type: "release",
    json_schema_version: 1,
    ...(label !== undefined && { label: plainName(label) }),
  };
  const benchmarks = families.flatMap(({ row, kind, ending, value }, index) =>
    entries(`${row.label}/${ending}`, index, row, kind, typeof value === "number" ? [value] : value),
  );
  return `${JSON.stringify({ context, benchmarks }, null, 2)}\n`;
}

function entries(
  name: string,
  index: number,
  { case: { threads } }: Pick<FigureRow, "case">,
  kind: FigureKind,
  samples: readonly number[],
): object[] {
  const shared = {
    family_index: index,
    per_family_instance_index: 0,
    run_name: name,
    repetitions: samples.length,
    threads,
  };
  const label = KINDS[kind].unit === "ns" ? {} : { label: `${KINDS[kind].title}, no nanoseconds` };
  const time = (value: number) => ({ real_time: value, cpu_time: value, time_unit: "ns", ...label });
  const runs = samples.map((value, i) => ({
    name,
    ...shared,
    run_type: "iteration",
    repetition_index: i,
    iterations: 1,
    ...time(value),
  }));
  if (samples.length < 2) return runs;
  const average = mean([...samples]);
  const deviation = sampleStandardDeviation([...samples]);
  const aggregates = [
    ["mean", "time", average],
    ["median", "time", medianOf(samples)],
    ["stddev", "time", deviation],
    ["cv", "percentage", average > 0 ? deviation / average : 0],
  ] as const;
  return [
    ...runs,
    ...aggregates.map(([aggregate, unit, value]) => ({
      name: `${name}_${aggregate}`,
      ...shared,
      run_type: "aggregate",
      aggregate_name: aggregate,
      aggregate_unit: unit,
      iterations: samples.length,
      ...time(value),
    })),
  ];
}
