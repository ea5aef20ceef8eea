import type { Schedule, ScheduleContext } from "tilewright";

/** Rows and columns of C in registers, columns in lanes; k by lanes of A. */
export function schedule(s: Schedule<"m" | "n" | "k">, { dims, target, choose }: ScheduleContext) {
  const { lanes } = target.isa;
  const rows = choose("rows", [10, 8, 7, 14, 4]);
  const columns = choose(
    "columns",
    [2 * lanes, lanes].filter((c) => dims.N % c === 0),
  );
  const steps = s
    .pack("b", [
      { part: "outer", dim: 1, factor: columns },
      { part: "whole", dim: 0 },
      { part: "inner", dim: 1, factor: columns },
    ])
    .split("n", columns, ["no", "nt"])
    .split("nt", lanes, ["nv", "ni"])
    .split("m", rows, ["mo", "mi"], "cut")
    .reorder("no", "mo", "mi", "nv", "ni")
    .stage("acc", "mo")
    .fission("mi", "nv", "ni")
    .split("k", lanes, ["ko", "ki"])
    .reorder("ko", "ki", "mi", "nv", "ni")
    .unroll("ki", "mi", "nv")
    .vectorize("ni")
    .parallel("no");
  return {
    schedule: steps,
    choice: `${rows} rows x ${columns} columns in registers`,
    cflags: ["-fno-schedule-insns", "-fno-schedule-fusion"],
  };
}
