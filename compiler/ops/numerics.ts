/**
 * How far results may be rounded otherwise than by the model's own sums.
 *
 * - `fast`: any Winograd convolution, and Strassen's.
 * - `close`: only F(2x2, 3x3), which adds and subtracts but scales nothing: errors stay those of plain sums.
 * - `strict`: none; only the order of sums is free.
 * - `f16`: layers of images compute in f16, others in f32; either is `fast`. For cores that compute in f16.
 */
export const NUMERICS = ["fast", "close", "strict", "f16"] as const;
export type Numerics = (typeof NUMERICS)[number];
