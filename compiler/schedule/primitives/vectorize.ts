import { checkPlain, checkRaces, modePrimitive } from "./mode.ts";

/**
 * Runs the iterations of an innermost loop in the lanes of vectors. They must not touch each other's elements.
 *
 * ```ts before
 * for (const i of range(3)) { for (const j of range(8)) { y[i][j] = x[i][j]; } }
 * ```
 * ```ts after vectorize("j")
 * for (const i of range(3)) { for (const j of vector(8)) { y[i][j] = x[i][j]; } }
 * ```
 */
export const vectorize = modePrimitive(
  "vectorize",
  (proc, axis) => checkPlain(proc, "vectorize", axis) ?? checkRaces(proc, "S203", "vectorize", axis),
);
