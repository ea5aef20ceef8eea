import { dataTypeUnsupported, inconsistent } from "./errors.ts";
import { readExternalData } from "./external-data.ts";
import {
  copied,
  FLOAT_READERS,
  type FloatContents,
  type FloatReader,
  floatContents,
  isFloatType,
} from "./float-types.ts";
import { fitsType } from "./integer-range.ts";
import type { OnnxTensor } from "./model.ts";
import { DATA_TYPES } from "./schema.ts";
import {
  elementCount,
  type FloatType,
  type IntegersValue,
  type IntegerType,
  shapeText,
  type Value,
} from "./value.ts";

/** Bytes per element, the field for contents that are not in raw_data, and how those there are read. */
interface IntegerReader {
  readonly bytes: number;
  readonly field: "int64Data" | "int32Data" | "uint64Data";
  readonly raw: (bytes: Uint8Array) => ArrayLike<number>;
}

const INTEGER_READERS: Readonly<Record<IntegerType, IntegerReader>> = {
  int64: {
    ...{ bytes: 8, field: "int64Data" },
    raw: (bytes) => Float64Array.from(new BigInt64Array(copied(bytes)), Number),
  },
  int32: { bytes: 4, field: "int32Data", raw: (bytes) => new Int32Array(copied(bytes)) },
  int16: { bytes: 2, field: "int32Data", raw: (bytes) => new Int16Array(copied(bytes)) },
  int8: { bytes: 1, field: "int32Data", raw: (bytes) => new Int8Array(copied(bytes)) },
  uint64: {
    ...{ bytes: 8, field: "uint64Data" },
    raw: (bytes) => Float64Array.from(new BigUint64Array(copied(bytes)), Number),
  },
  uint32: { bytes: 4, field: "uint64Data", raw: (bytes) => new Uint32Array(copied(bytes)) },
  uint16: { bytes: 2, field: "int32Data", raw: (bytes) => new Uint16Array(copied(bytes)) },
  uint8: { bytes: 1, field: "int32Data", raw: (bytes) => new Uint8Array(copied(bytes)) },
  bool: { bytes: 1, field: "int32Data", raw: (bytes) => bytes.map((v) => Math.min(v, 1)) },
};

/**
 * A TensorProto as a constant or integers; contents from raw_data, the typed fields or an external file. Numbers of other widths
 * are read as float32. Errors: F110 a number that float32 cannot hold, F113 other types, F114 contents that do not fill the shape,
 * F107-F109 external data.
 */
export function readTensor(tensor: OnnxTensor, name: string, baseDir: string | undefined): Value {
  const shape = tensor.dims ?? [];
  const type = DATA_TYPES[tensor.dataType ?? 0] ?? `number ${tensor.dataType}`;
  const count = elementCount(shape);
  if (shape.some((d) => d < 0) || !Number.isSafeInteger(count)) {
    throw inconsistent(`tensor \`${name}\``, `its shape is ${shapeText(shape)}`);
  }
  if (isFloatType(type)) return { kind: "constant", name, shape, ...readFloats(tensor, name, type, baseDir) };
  if (!isIntegerType(type)) throw dataTypeUnsupported(`tensor \`${name}\``, type);
  return { kind: "integers", type, name, shape, data: readIntegers(tensor, name, type, baseDir) };
}

export function isIntegerType(type: string): type is IntegerType {
  return Object.hasOwn(INTEGER_READERS, type);
}

function readIntegers(
  tensor: OnnxTensor,
  name: string,
  type: IntegerType,
  baseDir: string | undefined,
): IntegersValue["data"] {
  const reader = INTEGER_READERS[type];
  const typed = typedField(tensor, name, tensor[reader.field]);
  if (typed !== undefined) {
    // the ends of 64 bits are no integers of JavaScript, and no more exact
    const wrong = reader.bytes === 8 ? undefined : typed.find((v) => !fitsType(type, v));
    if (wrong !== undefined)
      throw inconsistent(`tensor \`${name}\``, `it holds ${wrong}, its type is ${type}`);
    return typed;
  }
  return reader.raw(rawBytes(tensor, name, reader.bytes, baseDir));
}

function readFloats(
  tensor: OnnxTensor,
  name: string,
  type: FloatType,
  baseDir: string | undefined,
): FloatContents {
  const reader: FloatReader = FLOAT_READERS[type];
  const shape = tensor.dims ?? [];
  const typed = typedField(tensor, name, tensor[reader.field]);
  if (typed !== undefined) return floatContents(name, shape, type, reader.typed(typed));
  return floatContents(name, shape, type, reader.raw(rawBytes(tensor, name, reader.bytes, baseDir)));
}

/** Contents of a typed field, where they lie there. */
function typedField(
  tensor: OnnxTensor,
  name: string,
  typed: readonly number[] | undefined,
): readonly number[] | undefined {
  if (typed === undefined || tensor.rawData !== undefined || isExternal(tensor)) return undefined;
  const shape = tensor.dims ?? [];
  const expected = elementCount(shape);
  if (typed.length === expected) return typed;
  throw inconsistent(
    `tensor \`${name}\``,
    `shape ${shapeText(shape)} has ${expected} elements, its contents have ${typed.length}`,
  );
}

function rawBytes(
  tensor: OnnxTensor,
  name: string,
  elementBytes: number,
  baseDir: string | undefined,
): Uint8Array {
  const shape = tensor.dims ?? [];
  const expected = elementCount(shape) * elementBytes;
  if (isExternal(tensor)) return readExternalData({ ...tensor, name }, expected, baseDir);
  const bytes = tensor.rawData ?? new Uint8Array(0);
  if (bytes.length !== expected) {
    throw inconsistent(
      `tensor \`${name}\``,
      `shape ${shapeText(shape)} needs ${expected} bytes, its contents have ${bytes.length}`,
    );
  }
  return bytes;
}

function isExternal(tensor: OnnxTensor): boolean {
  return tensor.dataLocation === 1;
}
