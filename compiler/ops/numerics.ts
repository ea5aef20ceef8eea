/**
 * How far results may be rounded otherwise than by the model's own sums.
 *
 * - `fast`: any Winograd convolution, and Strassen's.
 * - `close`: only F(2x2, 3x3), which adds and subtracts but scales nothing: errors stay those of plain sums.
 * - `half`: as `fast` where a layer stays f32; where the core computes in f16, layers of images do, and their numbers are f16 in memory.
 * - `strict`: none; only the order of sums is free.
 */
export const NUMERICS = ["fast", "close", "strict", "half"] as const;
export type Numerics = (typeof NUMERICS)[number];
