import type { IntegerType } from "./value.ts";

/** Least and largest value that is kept exactly. */
const RANGE: Readonly<Record<IntegerType, readonly [number, number]>> = {
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
  bool: [0, 1],
};

/** Whether a type holds a value. */
export function fitsType(type: IntegerType, value: number): boolean {
  const [least, most] = RANGE[type];
  return Number.isInteger(value) && least <= value && value <= most;
}
