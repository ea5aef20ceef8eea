import { UserError } from "../../support/diagnostic.ts";

/**
 * Tables of a FlatBuffer (flatbuffers.dev, "FlatBuffer Internals"), read where they lie. Generated readers believe what a file says; here each
 * offset and each length is looked at first, as files come from strangers. Throws F121.
 */
export interface Table {
  readonly view: DataView;
  readonly at: number;
}

export function damaged(why: string): UserError {
  return new UserError({
    code: "F121",
    exit: "badModel",
    title: "the model is no TensorFlow Lite file, or a damaged one",
    why,
    help: ["download or convert it again", "files of Git LFS hold a pointer until `git lfs pull` is run"],
  });
}

/** Throws where `bytes` from `at` on do not all lie in the file. */
function within({ view }: Pick<Table, "view">, at: number, bytes: number): number {
  if (!Number.isSafeInteger(at) || at < 0 || at + bytes > view.byteLength)
    throw damaged(`it points to byte ${at} of ${view.byteLength}`);
  return at;
}

/** The table that a file begins with a pointer to. */
export function rootTable(bytes: Uint8Array): Table {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { view, at: pointed({ view }, 0) };
}

/** Where the unsigned offset at a place leads. */
function pointed(file: Pick<Table, "view">, at: number): number {
  return within(file, at + file.view.getUint32(within(file, at, 4), true), 4);
}

/** Where a field of a table lies; undefined: it has its default. */
function fieldAt(table: Table, field: number, bytes: number): number | undefined {
  const { view, at } = table;
  const offsets = within(table, at - view.getInt32(within(table, at, 4), true), 4);
  const entry = 4 + 2 * field;
  if (entry + 2 > view.getUint16(offsets, true)) return undefined;
  const offset = view.getUint16(within(table, offsets + entry, 2), true);
  return offset === 0 ? undefined : within(table, at + offset, bytes);
}

type Reader = (view: DataView, at: number) => number;
const INT8: Reader = (view, at) => view.getInt8(at);
const INT32: Reader = (view, at) => view.getInt32(at, true);
const INT64: Reader = (view, at) => Number(view.getBigInt64(at, true));
const FLOAT32: Reader = (view, at) => view.getFloat32(at, true);

function single(table: Table, field: number, bytes: number, read: Reader, missing: number): number {
  const at = fieldAt(table, field, bytes);
  return at === undefined ? missing : read(table.view, at);
}

export function byteField(table: Table, field: number, missing = 0): number {
  return single(table, field, 1, INT8, missing);
}
export function intField(table: Table, field: number, missing = 0): number {
  return single(table, field, 4, INT32, missing);
}
export function longField(table: Table, field: number, missing = 0): number {
  return single(table, field, 8, INT64, missing);
}
export function floatField(table: Table, field: number, missing = 0): number {
  return single(table, field, 4, FLOAT32, missing);
}
export function tableField(table: Table, field: number): Table | undefined {
  const at = fieldAt(table, field, 4);
  return at === undefined ? undefined : { view: table.view, at: pointed(table, at) };
}

/** Where a list's elements begin, and how many there are. */
function listAt(
  table: Table,
  field: number,
  bytes: number,
): { readonly first: number; readonly length: number } {
  const at = fieldAt(table, field, 4);
  if (at === undefined) return { first: 0, length: 0 };
  const start = pointed(table, at);
  const length = table.view.getUint32(start, true);
  return { first: within(table, start + 4, length * bytes), length };
}

function list(table: Table, field: number, bytes: number, read: Reader): readonly number[] {
  const { first, length } = listAt(table, field, bytes);
  return Array.from({ length }, (_, i) => read(table.view, first + i * bytes));
}

export function intsField(table: Table, field: number): readonly number[] {
  return list(table, field, 4, INT32);
}
export function longsField(table: Table, field: number): readonly number[] {
  return list(table, field, 8, INT64);
}
export function floatsField(table: Table, field: number): readonly number[] {
  return list(table, field, 4, FLOAT32);
}
export function tablesField(table: Table, field: number): readonly Table[] {
  const { first, length } = listAt(table, field, 4);
  return Array.from({ length }, (_, i) => ({ view: table.view, at: pointed(table, first + 4 * i) }));
}
/** The bytes of a list of bytes or of a text, not copied. */
export function bytesField(table: Table, field: number): Uint8Array {
  const { first, length } = listAt(table, field, 1);
  return new Uint8Array(table.view.buffer, table.view.byteOffset + first, length);
}
export function textField(table: Table, field: number): string {
  return new TextDecoder().decode(bytesField(table, field));
}
