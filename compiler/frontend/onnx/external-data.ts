import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { externalDataEscapes, externalDataMissing, externalDataSize } from "./errors.ts";
import type { OnnxTensor } from "./model.ts";

/** One tensor's limit; a float32 tensor this large has 2^29 elements. */
const MAX_TENSOR_BYTES = 2 ** 31 - 1;

/**
 * The bytes of a tensor kept outside the ONNX file: `location` relative to the model's folder, `offset` and `length`
 * in bytes. The file must lie in that folder after symbolic links are followed: a model is data from anywhere, and
 * must not make the compiler read other files. Errors: F107 missing, F108 outside, F109 size.
 */
export function readExternalData(
  tensor: OnnxTensor,
  expectedBytes: number,
  baseDir: string | undefined,
): Uint8Array {
  const name = tensor.name ?? "";
  const entries = new Map((tensor.externalData ?? []).map((e) => [e.key ?? "", e.value ?? ""]));
  const location = entries.get("location") ?? "";
  if (baseDir === undefined)
    throw externalDataMissing(name, location, "the model was not read from a folder");
  const path = locate(name, location, baseDir);
  const size = statSync(path).size;
  const offset = byteNumber(name, location, "offset", entries.get("offset") ?? "0");
  const length = byteNumber(name, location, "length", entries.get("length") ?? String(size - offset));
  if (expectedBytes > MAX_TENSOR_BYTES) {
    throw externalDataSize(
      name,
      location,
      `the tensor needs ${expectedBytes} bytes; the limit is ${MAX_TENSOR_BYTES}`,
    );
  }
  if (length !== expectedBytes) {
    throw externalDataSize(
      name,
      location,
      `the tensor needs ${expectedBytes} bytes, its entry has ${length}`,
    );
  }
  if (offset + length > size) {
    throw externalDataSize(
      name,
      location,
      `bytes ${offset} to ${offset + length} wanted, the file has ${size}`,
    );
  }
  return readRange(path, offset, length);
}

function locate(name: string, location: string, baseDir: string): string {
  if (location === "" || isAbsolute(location) || location.includes("\0"))
    throw externalDataEscapes(name, location);
  const folder = realpathSync(baseDir);
  const wanted = join(folder, location);
  if (!inside(folder, wanted)) throw externalDataEscapes(name, location);
  const path = realpathOf(wanted);
  if (path === undefined) throw externalDataMissing(name, location, "no such file in the model's folder");
  if (!inside(folder, path)) throw externalDataEscapes(name, location);
  if (!statSync(path).isFile()) throw externalDataMissing(name, location, "it is not a regular file");
  return path;
}

function inside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function byteNumber(tensor: string, location: string, key: string, value: string): number {
  if (!/^\d{1,15}$/.test(value))
    throw externalDataSize(tensor, location, `${key} is ${JSON.stringify(value)}`);
  return Number(value);
}

function readRange(path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const file = openSync(path, "r");
  try {
    for (let done = 0; done < length; ) {
      const read = readSync(file, bytes, done, length - done, offset + done);
      if (read === 0) break;
      done += read;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
