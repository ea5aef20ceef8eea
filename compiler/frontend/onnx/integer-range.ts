import type { IntegerType } from "./value.ts";

/** Least and largest value that is kept exactly. */
const RANGE: Readonly<Record<IntegerType, readonly [number, number]>> = {
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int8: [-128, 127],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  uint32: [0, 2 ** 32 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint8: [0, 255],
  bool: [0, 1],
};

/** Least and largest number of a type, as far as they are kept exactly. */
export function rangeOfType(type: IntegerType): readonly [number, number] {
  return RANGE[type];
}

/** Whether a type holds a value. */
export function fitsType(type: IntegerType, value: number): boolean {
  const [least, most] = RANGE[type];
  return Number.isInteger(value) && least <= value && value <= most;
}
