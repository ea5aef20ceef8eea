import { modePrimitive } from "./mode.ts";

/**
 * Writes a loop out, iteration after iteration, when it is lowered. Always legal.
 *
 * ```ts before
 * for (const i of range(4)) { y[i] = x[i]; }
 * ```
 * ```ts after unroll("i")
 * for (const i of unroll(4)) { y[i] = x[i]; }
 * ```
 */
export const unroll = modePrimitive("unroll", () => undefined);
