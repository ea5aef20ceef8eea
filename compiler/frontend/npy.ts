import { unzipSync, zipSync } from "fflate";
import { type DType, f16Value, type TypedArray } from "../ir/dtype.ts";
import { memoryOf, type PortType, portBytes } from "../ir/port-type.ts";
import { arrayLike, bytesOf, makeArray } from "../ir/typed-array.ts";
import { UserError } from "../support/diagnostic.ts";
import { visible } from "../support/text.ts";

/** An array as it enters or leaves a network: row-major; of float32, unless something else is asked for. */
export interface NpyArray<A extends TypedArray | Float64Array = Float32Array> {
  readonly shape: readonly number[];
  readonly data: A;
}

/** NumPy's codes of the types of inputs and outputs. */
const CODES: Readonly<Record<PortType, string>> = {
  f32: "f4",
  f16: "f2",
  f64: "f8",
  i8: "i1",
  u8: "u1",
  i16: "i2",
  u16: "u2",
  i32: "i4",
  u32: "u4",
  i64: "i8",
  u64: "u8",
  bool: "b1",
};

/** NumPy's type codes that convert to float32, by the value at a byte of the file. */
const READERS: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  f2: (v, at, little) => f16Value(v.getUint16(at, little)),
  f4: (v, at, little) => v.getFloat32(at, little),
  f8: (v, at, little) => v.getFloat64(at, little),
  i1: (v, at) => v.getInt8(at),
  i2: (v, at, little) => v.getInt16(at, little),
  i4: (v, at, little) => v.getInt32(at, little),
  i8: (v, at, little) => Number(v.getBigInt64(at, little)),
  u1: (v, at) => v.getUint8(at),
  u2: (v, at, little) => v.getUint16(at, little),
  u4: (v, at, little) => v.getUint32(at, little),
  u8: (v, at, little) => Number(v.getBigUint64(at, little)),
  b1: (v, at) => v.getUint8(at),
};
const MAGIC = "\x93NUMPY";
/** Elements of one array, and unpacked bytes of one archive. */
const MAX_ELEMENTS = 2 ** 28;
const MAX_RANK = 64;
const MAX_ARCHIVE_BYTES = 2 ** 31;

/**
 * One array of a .npy file (format 1.0 to 3.0, numpy.lib.format). Numbers of any width and byte order become float32,
 * Fortran order becomes row-major. Errors: F301 not .npy, F302 type, F303 length, F304 too large; `file` is for them.
 */
export function readNpy(bytes: Uint8Array, file: string): NpyArray {
  return readAs(bytes, file, new Float32Array(0));
}

/** The same as doubles, which hold each number of a file but those of 64 bits beyond 2^53. */
export function readNpyDoubles(bytes: Uint8Array, file: string): NpyArray<Float64Array> {
  return readAs(bytes, file, new Float64Array(0));
}

/** The same as numbers of another type, which must be the file's own: none would be converted without loss. Error: F306 another type. */
export function readNpyOf(bytes: Uint8Array, file: string, dtype: DType): NpyArray<TypedArray> {
  const code = /'descr':\s*'[<>|=]([^']*)'/.exec(readHeader(bytes, file).header)?.[1];
  if (code !== undefined && code !== CODES[dtype]) throw otherType(file, code, dtype);
  return readAs(bytes, file, makeArray(dtype, 0));
}

/** @param like an array of the type that is wanted */
function readAs<A extends TypedArray | Float64Array>(bytes: Uint8Array, file: string, like: A): NpyArray<A> {
  const { header, start } = readHeader(bytes, file);
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dims = /'shape':\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (descr === undefined) throw wrongType(file, /'descr':\s*(.{0,40})/.exec(header)?.[1] ?? "of no type");
  if (order === undefined || dims === undefined) throw notNpy(file, "its header names no shape");
  const reader = READERS[descr.slice(1)];
  if (reader === undefined || !/^[<>|=]/.test(descr)) throw wrongType(file, descr);
  const shape = (dims.match(/\d+/g) ?? []).map(Number);
  if (shape.length > MAX_RANK)
    throw notNpy(file, `its header names ${shape.length} dimensions, NumPy has ${MAX_RANK} at most`);
  const count = shape.reduce((a, b) => a * b, 1);
  if (shape.some((extent) => extent > MAX_ELEMENTS) || count > MAX_ELEMENTS)
    throw tooLarge(file, `[${shape.join(", ")}] has ${count} elements, the limit is ${MAX_ELEMENTS}`);
  const width = Number(descr.slice(2));
  const found = bytes.length - start;
  if (found !== count * width) throw wrongLength(file, shape, count * width, found);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, found);
  const data = arrayLike(like, count);
  const little = descr[0] !== ">";
  for (let i = 0; i < count; i++) data[i] = reader(view, i * width, little);
  return { shape, data: order === "True" ? rowMajor(data, shape) : data };
}

/** The bytes of a .npy file, format 1.0, little-endian float32 or numbers of the type given. */
export function writeNpy({ shape, data }: NpyArray<TypedArray>, dtype: DType = "f32"): Uint8Array {
  return npyOf(shape, bytesOf(dtype, data), dtype);
}

/** The same of a network's numbers, as what its port holds. */
export function writePortNpy({ shape, data }: NpyArray, type: PortType): Uint8Array {
  return npyOf(shape, memoryOf(type, data), type);
}

function npyOf(shape: readonly number[], numbers: Uint8Array, type: PortType): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${portBytes(type) === 1 ? "|" : "<"}${CODES[type]}', 'fortran_order': False, 'shape': (${dims}), }`;
  // The format wants the data at a multiple of 64 and the header to end with a line break.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + numbers.length);
  const text = `${MAGIC}\x01\x00..${dictionary.padEnd(length - 11)}\n`;
  for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(numbers, length);
  return bytes;
}

/** Every array of a .npz archive by name. Errors: F305 not an archive, F304 too large, and those of readNpy(). */
export function readNpz(bytes: Uint8Array, file: string): ReadonlyMap<string, NpyArray> {
  return readNpzAs(bytes, file, readNpy);
}

/** The same as doubles. */
export function readNpzDoubles(bytes: Uint8Array, file: string): ReadonlyMap<string, NpyArray<Float64Array>> {
  return readNpzAs(bytes, file, readNpyDoubles);
}

function readNpzAs<T>(
  bytes: Uint8Array,
  file: string,
  read: (bytes: Uint8Array, file: string) => T,
): ReadonlyMap<string, T> {
  let total = 0;
  const filter = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    total += originalSize;
    if (total > MAX_ARCHIVE_BYTES) throw tooLarge(file, `it unpacks to more than ${MAX_ARCHIVE_BYTES} bytes`);
    return name.endsWith(".npy");
  };
  const entries = Object.entries(unzip(bytes, file, filter));
  if (entries.length === 0) throw notNpz(file, "it holds no .npy array");
  return new Map(
    entries.map(([name, array]) => [name.slice(0, -".npy".length), read(array, `${file}:${name}`)]),
  );
}

/** The bytes of a .npz archive; equal arrays give equal bytes. */
export function writeNpz(arrays: ReadonlyMap<string, NpyArray>): Uint8Array {
  const files = Object.fromEntries([...arrays].map(([name, array]) => [`${name}.npy`, writeNpy(array)]));
  return zipSync(files, { mtime: "1980-01-01T00:00:00" });
}

function readHeader(bytes: Uint8Array, file: string): { readonly header: string; readonly start: number } {
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw notNpy(file, "it does not begin as one");
  const version = bytes[6];
  const sizeBytes = version === 1 ? 2 : 4;
  const begin = 8 + sizeBytes;
  if (bytes.length < begin) throw notNpy(file, "it ends within its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = begin + (sizeBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) throw notNpy(file, "it ends within its header");
  return { header: new TextDecoder("latin1").decode(bytes.subarray(begin, start)), start };
}

type Filter = (file: { name: string; originalSize: number }) => boolean;

function unzip(bytes: Uint8Array, file: string, filter: Filter): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw notNpz(file, error instanceof Error ? error.message : String(error));
  }
}

/** Column-major contents in row-major order. */
function rowMajor<A extends TypedArray | Float64Array>(data: A, shape: readonly number[]): A {
  const out = arrayLike(data, data.length);
  const index = shape.map(() => 0);
  for (const value of data) {
    out[index.reduce((at, i, d) => at * (shape[d] as number) + i, 0)] = value;
    for (let d = 0; d < shape.length; d++) {
      index[d] = ((index[d] as number) + 1) % (shape[d] as number);
      if (index[d] !== 0) break;
    }
  }
  return out;
}

function notNpy(file: string, why: string): UserError {
  return new UserError({
    code: "F301",
    exit: "badInput",
    title: `\`${file}\` is not a NumPy .npy file`,
    why,
    help: ["write it with numpy.save(file, array)"],
  });
}

function wrongType(file: string, type: string): UserError {
  return new UserError({
    code: "F302",
    exit: "badInput",
    title: `\`${file}\` holds values of type \`${visible(type.slice(0, 40))}\``,
    why: "networks take float32; float64 and integers are converted",
    help: ['convert it with array.astype("float32")'],
  });
}

function otherType(file: string, code: string, dtype: DType): UserError {
  return new UserError({
    code: "F306",
    exit: "badInput",
    title: `\`${file}\` holds values of NumPy's type \`${visible(code.slice(0, 40))}\`, where ${NUMPY[dtype]} is taken`,
    why: "no number is converted to another type than float32",
    help: [`convert it with array.astype("${NUMPY[dtype]}")`],
  });
}

const NUMPY: Readonly<Record<DType, string>> = {
  f32: "float32",
  f16: "float16",
  i8: "int8",
  u8: "uint8",
  i32: "int32",
};

function wrongLength(file: string, shape: readonly number[], wanted: number, found: number): UserError {
  return new UserError({
    code: "F303",
    exit: "badInput",
    title: `\`${file}\` does not have the length its header says`,
    why: `shape [${shape.join(", ")}] needs ${wanted} bytes of values, the file has ${found}`,
    help: ["copy or write the file again"],
  });
}

function tooLarge(file: string, why: string): UserError {
  return new UserError({ code: "F304", exit: "badInput", title: `\`${file}\` is too large`, why });
}

function notNpz(file: string, why: string): UserError {
  return new UserError({
    code: "F305",
    exit: "badInput",
    title: `\`${file}\` is not a NumPy .npz archive`,
    why,
    help: ["write it with numpy.savez(file, name=array)"],
  });
}
