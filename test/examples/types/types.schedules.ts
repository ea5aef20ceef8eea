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

/** The nest of 4 columns and 4 products of each, innermost: what one instruction does. */
function byFours(s: Schedule<"m" | "n" | "k">) {
  return s
    .split("n", 4, ["no", "ni"])
    .stage("acc", "no")
    .fission("ni")
    .split("k", 4, ["ko", "ki"])
    .reorder("ko", "ni", "ki")
    .pack("w", [
      { part: "outer", dim: 0, factor: 4 },
      { part: "outer", dim: 1, factor: 4 },
      { part: "inner", dim: 0, factor: 4 },
      { part: "inner", dim: 1, factor: 4 },
    ]);
}

/** Sixteen products by one instruction of cores that have it. */
export function dot(s: Schedule<"m" | "n" | "k">) {
  return byFours(s).tensorize("ni", "sdot_four").vectorize("ni");
}

/** The same by instructions of every 64-bit core. */
export function dotByHalves(s: Schedule<"m" | "n" | "k">) {
  return byFours(s).tensorize("ni", "mull_dot_four").vectorize("ni");
}
