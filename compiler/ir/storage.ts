import type { TypedArray } from "./dtype.ts";
import { add, combine, constant, divMod, type Index, type Ranges } from "./index-expr.ts";
import { arrayLike } from "./typed-array.ts";

/**
 * How a logical buffer lies in memory. Each logical dimension is first widened by a halo
 * (`before` and `after` extra elements), may then be split into blocks of `factor`
 * (the last block padded), these into smaller ones, and the resulting dimensions are ordered, the last one contiguous.
 *
 * NCHW blocked by four channels, with a border of one pixel:
 *   logical [C, H, W], halo h and w {1, 1}, dims c/4, h, w, c%4.
 */
export interface Storage {
  readonly shape: readonly number[];
  readonly halo: readonly Halo[];
  readonly dims: readonly StorageDim[];
}
export interface Halo {
  readonly before: number;
  readonly after: number;
}
export type StorageDim =
  | { readonly part: "whole"; readonly dim: number }
  | { readonly part: "outer" | "inner"; readonly dim: number; readonly factor: number }
  /** Of blocks of `factor`, which are themselves split into smaller ones of `by`, the number of one of these. */
  | { readonly part: "middle"; readonly dim: number; readonly factor: number; readonly by: number };

const NO_HALO: Halo = { before: 0, after: 0 };

/** Row-major, nothing split, no halo. */
export function plainStorage(shape: readonly number[]): Storage {
  return {
    shape,
    halo: shape.map(() => NO_HALO),
    dims: shape.map((_, dim) => ({ part: "whole", dim })),
  };
}

/** Extent of one physical dimension. */
export function physicalExtent(s: Storage, d: StorageDim): number {
  const halo = s.halo[d.dim];
  const extent = s.shape[d.dim] + halo.before + halo.after;
  switch (d.part) {
    case "whole":
      return extent;
    case "outer":
      return Math.ceil(extent / d.factor);
    case "middle":
      return d.factor / d.by;
    case "inner":
      return d.factor;
  }
}

/** Extents of the physical dimensions, in order. */
export function physicalShape(s: Storage): number[] {
  return s.dims.map((d) => physicalExtent(s, d));
}

/** Elements the buffer takes in memory, padding and halo included. */
export function physicalSize(s: Storage): number {
  return physicalShape(s).reduce((a, b) => a * b, 1);
}

/** Distance in elements between neighbours along each physical dimension. */
export function physicalStrides(s: Storage): readonly number[] {
  const before = knownStrides.get(s);
  if (before !== undefined) return before;
  const shape = physicalShape(s);
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  knownStrides.set(s, strides);
  return strides;
}

/** Every access asks for them, and a kernel has few storages. */
const knownStrides = new WeakMap<Storage, readonly number[]>();

/** Flat element address of a logical access, as an index expression. */
export function flatten(s: Storage, at: readonly Index[], ranges: Ranges): Index {
  const strides = physicalStrides(s);
  return combine(
    s.dims.map((d, i) => {
      const halo = s.halo[d.dim];
      const logical = at[d.dim];
      const index = halo.before === 0 ? logical : add(logical, constant(halo.before));
      return [partOf(d, index, ranges), strides[i]] as const;
    }),
  );
}

/** A logical index along one physical dimension. */
export function partOf(d: StorageDim, index: Index, ranges: Ranges): Index {
  if (d.part === "whole") return index;
  const { div, mod } = divMod(index, d.factor, ranges);
  switch (d.part) {
    case "outer":
      return div;
    case "middle":
      return divMod(mod, d.by, ranges).div;
    case "inner":
      return mod;
  }
}

function placeIn(d: StorageDim, at: number): number {
  switch (d.part) {
    case "whole":
      return at;
    case "outer":
      return Math.floor(at / d.factor);
    case "middle":
      return Math.floor((at % d.factor) / d.by);
    case "inner":
      return at % d.factor;
  }
}

/**
 * Address tables: element (i, j, ...) lies at the sum of table[dim][i]. Every dimension contributes
 * on its own, so packing a tensor is one addition per dimension and element.
 */
export function addressTables(s: Storage): readonly Int32Array[] {
  const strides = physicalStrides(s);
  return s.shape.map((extent, dim) => {
    const table = new Int32Array(extent);
    for (let i = 0; i < extent; i++) {
      const at = i + s.halo[dim].before;
      let address = 0;
      s.dims.forEach((d, k) => {
        if (d.dim === dim) address += placeIn(d, at) * strides[k];
      });
      table[i] = address;
    }
    return table;
  });
}

/**
 * Calls `visit(logical, physical, row)` for every run of elements along the last dimension that is one, logical order:
 * element i of the run is logical + i, and lies at physical + row[i].
 */
function forEachRow(s: Storage, visit: (logical: number, physical: number, row: Int32Array) => void): void {
  const all = addressTables(s);
  // dimensions of one element are no loops, so that 1x1 weights have long rows too
  const tables = all.filter((table) => table.length !== 1);
  const start = all.reduce((sum, table) => (table.length === 1 ? sum + table[0] : sum), 0);
  const row = tables.length === 0 ? new Int32Array(1) : tables[tables.length - 1];
  let logical = 0;
  const walk = (dim: number, base: number): void => {
    if (dim >= tables.length - 1) {
      visit(logical, base, row);
      logical += row.length;
      return;
    }
    for (const address of tables[dim]) walk(dim + 1, base + address);
  };
  walk(0, start);
}

/** Lays logical row-major data out in memory; halo and padding are filled with `fill`. */
export function pack<A extends TypedArray>(s: Storage, data: A, fill = 0): A {
  const out = arrayLike(data, physicalSize(s));
  if (fill !== 0) out.fill(fill);
  forEachRow(s, (logical, physical, row) => {
    for (let i = 0; i < row.length; i++) out[physical + row[i]] = data[logical + i];
  });
  return out;
}

/** Reads logical row-major data back from memory. */
export function unpack<A extends TypedArray>(s: Storage, memory: A): A {
  const out = arrayLike(
    memory,
    s.shape.reduce((a, b) => a * b, 1),
  );
  forEachRow(s, (logical, physical, row) => {
    for (let i = 0; i < row.length; i++) out[logical + i] = memory[physical + row[i]];
  });
  return out;
}

/**
 * Short text such as `0 1/4 2+1,1 3 1%4`: dimension numbers in memory order, `/f` and `%f` the outer and
 * inner part of a split, `%f/b` what lies between where blocks of f are split into smaller ones, `+before,after` the halo
 * where a dimension is first named. With the shape it says everything: parseStorage reads it back.
 */
export function storageText(s: Storage): string {
  const named = new Set<number>();
  return s.dims
    .map((d) => {
      const halo = s.halo[d.dim];
      const bordered = !named.has(d.dim) && (halo.before !== 0 || halo.after !== 0);
      named.add(d.dim);
      return `${d.dim}${bordered ? `+${halo.before},${halo.after}` : ""}${partText(d)}`;
    })
    .join(" ");
}

function partText(d: StorageDim): string {
  switch (d.part) {
    case "whole":
      return "";
    case "outer":
      return `/${d.factor}`;
    case "middle":
      return `%${d.factor}/${d.by}`;
    case "inner":
      return `%${d.factor}`;
  }
}

const PART = /^(\d+)(?:\+(\d+),(\d+))?(?:\/(\d+)|%(\d+)(?:\/(\d+))?)?$/;

/** A word's last numbers: of an outer part, of what is inside, of a part in the middle. */
function partNamed(dim: number, [over, inside, by]: readonly (string | undefined)[]): StorageDim {
  if (over !== undefined) return { part: "outer", dim, factor: Number(over) };
  if (inside === undefined) return { part: "whole", dim };
  const factor = Number(inside);
  return by === undefined ? { part: "inner", dim, factor } : { part: "middle", dim, factor, by: Number(by) };
}

/** Reads storageText back for a logical shape; undefined when it does not name each dimension whole or in all parts. */
export function parseStorage(text: string, shape: readonly number[]): Storage | undefined {
  const halo: Halo[] = shape.map(() => NO_HALO);
  const dims: StorageDim[] = [];
  for (const word of text.split(" ").filter((w) => w !== "")) {
    const match = PART.exec(word);
    if (match === null) return undefined;
    const dim = Number(match[1]);
    if (dim >= shape.length) return undefined;
    if (match[2] !== undefined) halo[dim] = { before: Number(match[2]), after: Number(match[3]) };
    dims.push(partNamed(dim, match.slice(4)));
  }
  const storage = { shape, halo, dims };
  return isComplete(storage) ? storage : undefined;
}

/** Whether each logical dimension lies whole, or as an outer and an inner part of one factor, or with parts between whose factors divide each other. */
export function isComplete({ shape, halo, dims }: Storage): boolean {
  if (halo.length !== shape.length || dims.some((d) => d.dim >= shape.length)) return false;
  return shape.every((_, dim) => {
    const parts = dims.filter((d) => d.dim === dim);
    return (parts.length === 1 && parts[0].part === "whole") || isSplit(parts);
  });
}

/** Whether parts are those of one dimension: from the outer one down, each begins where the one before ends. */
function isSplit(parts: readonly StorageDim[]): boolean {
  const factors = (of: "outer" | "inner"): number[] =>
    parts.flatMap((d) => (d.part === of ? [d.factor] : []));
  const [outer, inner] = [factors("outer"), factors("inner")];
  const middle = parts.filter((d) => d.part === "middle").sort((a, b) => b.factor - a.factor);
  if (outer.length !== 1 || inner.length !== 1 || middle.length !== parts.length - 2) return false;
  let [begins] = outer;
  for (const { factor, by } of middle) {
    if (factor !== begins || by < 1 || factor % by !== 0) return false;
    begins = by;
  }
  return begins > 0 && inner[0] === begins;
}
