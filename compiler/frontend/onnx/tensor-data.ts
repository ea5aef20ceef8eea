import { dataTypeUnsupported, inconsistent } from "./errors.ts";
import { readExternalData } from "./external-data.ts";
import { fitsType } from "./integer-range.ts";
import type { OnnxTensor } from "./model.ts";
import { DATA_TYPES } from "./schema.ts";
import { elementCount, type IntegersValue, type IntegerType, shapeText, type Value } from "./value.ts";

/** Integer types that stand for shapes, axes and flags: bytes per element and how one is read. */
const INTEGER_READERS: Readonly<
  Record<IntegerType, { bytes: number; read: (v: DataView, at: number) => number }>
> = {
  int64: { bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)) },
  int32: { bytes: 4, read: (v, at) => v.getInt32(at, true) },
  int8: { bytes: 1, read: (v, at) => v.getInt8(at) },
  uint8: { bytes: 1, read: (v, at) => v.getUint8(at) },
  bool: { bytes: 1, read: (v, at) => Math.min(v.getUint8(at), 1) },
};

/**
 * A TensorProto as a constant (float32) or integers; contents from raw_data, the typed fields or an external file.
 * Errors: F113 other types, F114 contents that do not fill the shape, F107-F109 external data.
 */
export function readTensor(tensor: OnnxTensor, name: string, baseDir: string | undefined): Value {
  const shape = tensor.dims ?? [];
  const type = DATA_TYPES[tensor.dataType ?? 0] ?? `number ${tensor.dataType}`;
  const count = elementCount(shape);
  if (shape.some((d) => d < 0) || !Number.isSafeInteger(count)) {
    throw inconsistent(`tensor \`${name}\``, `its shape is ${shapeText(shape)}`);
  }
  if (type === "float32") {
    return { kind: "constant", name, shape, data: readFloats(tensor, name, shape, baseDir) };
  }
  if (!isIntegerType(type)) throw dataTypeUnsupported(`tensor \`${name}\``, type);
  return { kind: "integers", type, name, shape, data: readIntegers(tensor, name, type, shape, baseDir) };
}

function isIntegerType(type: string): type is IntegerType {
  return Object.hasOwn(INTEGER_READERS, type);
}

function readIntegers(
  tensor: OnnxTensor,
  name: string,
  type: IntegerType,
  shape: readonly number[],
  baseDir: string | undefined,
): IntegersValue["data"] {
  const reader = INTEGER_READERS[type];
  const typed = type === "int64" ? tensor.int64Data : tensor.int32Data;
  if (typed !== undefined && tensor.rawData === undefined && !isExternal(tensor)) {
    checkCount(name, shape, typed.length);
    const wrong = type === "int64" ? undefined : typed.find((v) => !fitsType(type, v));
    if (wrong !== undefined)
      throw inconsistent(`tensor \`${name}\``, `it holds ${wrong}, its type is ${type}`);
    return typed;
  }
  const bytes = rawBytes(tensor, name, shape, reader.bytes, baseDir);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: elementCount(shape) }, (_, i) => reader.read(view, i * reader.bytes));
}

function readFloats(
  tensor: OnnxTensor,
  name: string,
  shape: readonly number[],
  baseDir: string | undefined,
): Float32Array {
  if (tensor.floatData !== undefined && tensor.rawData === undefined && !isExternal(tensor)) {
    checkCount(name, shape, tensor.floatData.length);
    return Float32Array.from(tensor.floatData);
  }
  const bytes = rawBytes(tensor, name, shape, 4, baseDir);
  // A copy: raw_data lies at any offset of the file, float arrays need multiples of four.
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return new Float32Array(copy.buffer);
}

function rawBytes(
  tensor: OnnxTensor,
  name: string,
  shape: readonly number[],
  elementBytes: number,
  baseDir: string | undefined,
): Uint8Array {
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

function checkCount(name: string, shape: readonly number[], found: number): void {
  const expected = elementCount(shape);
  if (found === expected) return;
  throw inconsistent(
    `tensor \`${name}\``,
    `shape ${shapeText(shape)} has ${expected} elements, its contents have ${found}`,
  );
}
