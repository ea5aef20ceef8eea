import type { Schedule } from "tilewright";

/** Neighbours in lanes: as many as the largest type in the loop has. */
export function lanes(s: Schedule<"i">) {
  return s.split("i", 8, ["io", "ii"]).vectorize("ii");
}

/** Four sums of i32 in a register, weights by neighbouring columns. */
export function widening(s: Schedule<"m" | "n" | "k">) {
  return s
    .split("n", 4, ["no", "ni"])
    .stage("acc", "no")
    .fission("ni")
    .reorder("k", "ni")
    .pack("w", [
      { part: "outer", dim: 0, factor: 4 },
      { part: "whole", dim: 1 },
      { part: "inner", dim: 0, factor: 4 },
    ])
    .vectorize("ni");
}
