import { f16Value, roundF16 } from "../../ir/dtype.ts";
import { position } from "./element-position.ts";
import { beyondFloat32 } from "./errors.ts";
import type { ConstantValue, FloatType } from "./value.ts";

export type FloatContents = Pick<ConstantValue, "data" | "type" | "doubles">;

/** Bytes per element, the field for contents that are not in raw_data, and how both are read. */
export interface FloatReader {
  readonly bytes: number;
  readonly field: "floatData" | "int32Data" | "doubleData";
  readonly typed: (values: readonly number[]) => Float32Array | Float64Array;
  readonly raw: (bytes: Uint8Array) => Float32Array | Float64Array;
}

/** The 16 bits of a bfloat16 are the upper ones of a float32. */
function bfloat16Value(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0];
}
const bfloat16Bits = new Uint32Array(1);
const bfloat16Float = new Float32Array(bfloat16Bits.buffer);
/** The nearest number of 8 significant bits, ties to even. */
function roundBfloat16(value: number): number {
  bfloat16Float[0] = value;
  if (Number.isNaN(value)) return value;
  const bits = bfloat16Bits[0];
  bfloat16Bits[0] = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
  return bfloat16Float[0];
}

/** A copy: raw_data lies at any offset of the file, arrays of numbers need multiples of their size. */
export function copied(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}

function halves(decode: (bits: number) => number): FloatReader {
  const read = (bits: ArrayLike<number>): Float32Array => Float32Array.from(bits, (b) => decode(b & 0xffff));
  return {
    bytes: 2,
    field: "int32Data",
    typed: read,
    raw: (bytes) => read(new Uint16Array(copied(bytes))),
  };
}

export const FLOAT_READERS: Readonly<Record<FloatType, FloatReader>> = {
  float32: {
    bytes: 4,
    field: "floatData",
    typed: (values) => Float32Array.from(values),
    raw: (bytes) => new Float32Array(copied(bytes)),
  },
  float16: halves(f16Value),
  bfloat16: halves(bfloat16Value),
  float64: {
    bytes: 8,
    field: "doubleData",
    typed: (values) => Float64Array.from(values),
    raw: (bytes) => new Float64Array(copied(bytes)),
  },
};

export function isFloatType(type: string): type is FloatType {
  return Object.hasOwn(FLOAT_READERS, type);
}

/** Types of activations, inputs and outputs: what is computed and given is float32. */
export const PORT_TYPES = ["float32", "float16", "bfloat16"] as const;

export function isPortType(type: string): boolean {
  return PORT_TYPES.some((port) => port === type);
}

/** What an operation of a type gives for a result that a double holds. */
export function roundFloat(type: FloatType, value: number): number {
  switch (type) {
    case "float32":
      return Math.fround(value);
    case "float16":
      return roundF16(value);
    case "bfloat16":
      return roundBfloat16(value);
    case "float64":
      return value;
  }
}

/** Contents as constants have them. Doubles must be within the range of float32, at both ends: F110. */
export function floatContents(
  name: string,
  shape: readonly number[],
  type: FloatType,
  data: Float32Array | Float64Array,
): FloatContents {
  if (data instanceof Float32Array) return type === "float32" ? { data } : { data, type };
  const rounded = Float32Array.from(data);
  const wrong = data.findIndex(
    (v, i) => Number.isFinite(v) && (!Number.isFinite(rounded[i]) || (rounded[i] === 0 && v !== 0)),
  );
  if (wrong >= 0) throw beyondFloat32(name, position(wrong, shape), data[wrong]);
  return { data: rounded, type, doubles: data };
}
