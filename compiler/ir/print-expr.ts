import { applyCond } from "./arithmetic.ts";
import { type DType, isInteger, rounded } from "./dtype.ts";
import {
  type BinaryOp,
  binary,
  type Cond,
  call,
  convert,
  type Expr,
  entry,
  indexNumber,
  literal,
  roundSmall,
  select,
  type Table,
  typeOf,
  unary,
} from "./expr.ts";
import {
  type Atom,
  axis,
  combine,
  divMod,
  type Index,
  isConstant,
  lookup,
  type Ranges,
  rangeOf,
} from "./index-expr.ts";
import { CONVERSION_NAMES } from "./names.ts";

function conversionName({ to, value, small }: Expr & { readonly kind: "convert" }): string {
  return small ? "roundSmallI32" : CONVERSION_NAMES[to](typeOf(value));
}

/** Text of an index in the kernel language: `oh * 2 + kh - 1`, `Math.floor(oc / 4)`, `oc % 4`. */
export function printIndex(index: Index, ranges: Ranges): string {
  return indexText(simplifyIndex(index, ranges), ranges);
}

/** Divisions and remainders simplified under the bounds, as reading the text back would. */
export function simplifyIndex(index: Index, ranges: Ranges): Index {
  if (index.terms.every((t) => t.atom.kind === "axis")) return index;
  return combine(
    index.terms.map(({ coef, atom }) => [simplifyAtom(atom, ranges), coef] as const),
    index.offset,
  );
}

function simplifyAtom(atom: Atom, ranges: Ranges): Index {
  if (atom.kind === "axis") return axis(atom.name);
  if (atom.kind === "lookup") return lookup(atom.table, simplifyIndex(atom.of, ranges));
  return divMod(simplifyIndex(atom.of, ranges), atom.by, ranges)[atom.kind];
}

function indexText(index: Index, ranges: Ranges): string {
  let text = "";
  for (const { coef, atom } of index.terms) {
    const size = Math.abs(coef);
    const name = atomText(atom, coef !== 1, ranges);
    const sign = text === "" ? (coef < 0 ? "-" : "") : coef < 0 ? " - " : " + ";
    text += `${sign}${name}${size === 1 ? "" : ` * ${size}`}`;
  }
  if (text === "") return String(index.offset);
  if (index.offset === 0) return text;
  return `${text} ${index.offset < 0 ? "-" : "+"} ${Math.abs(index.offset)}`;
}

/** `%` is TypeScript's remainder, so what may be negative goes through mod(). */
function atomText(atom: Atom, factor: boolean, ranges: Ranges): string {
  if (atom.kind === "axis") return atom.name;
  const of = indexText(atom.of, ranges);
  if (atom.kind === "lookup") {
    const { name, bound, held } = atom.table;
    return held ? `heldIndex(${name}[${of}], ${bound})` : `${name}[${of}]`;
  }
  const single = atom.of.terms.length === 1 && atom.of.offset === 0 && atom.of.terms[0].coef === 1;
  const operand = single ? of : `(${of})`;
  if (atom.kind === "div") return `Math.floor(${operand} / ${atom.by})`;
  if (rangeOf(atom.of, ranges).min < 0) return `mod(${of}, ${atom.by})`;
  return factor ? `(${operand} % ${atom.by})` : `${operand} % ${atom.by}`;
}

const SIGN = { lt: "<", ge: ">=", eq: "===" } as const;

/** Text of a condition. */
export function printCond(cond: Cond, ranges: Ranges): string {
  return `${printIndex(cond.lhs, ranges)} ${SIGN[cond.op]} ${printIndex(cond.rhs, ranges)}`;
}

/** What a condition is when both sides are constants. */
export function knownCond(cond: Cond, ranges: Ranges): boolean | undefined {
  const lhs = simplifyIndex(cond.lhs, ranges);
  const rhs = simplifyIndex(cond.rhs, ranges);
  return isConstant(lhs) && isConstant(rhs) ? applyCond(cond.op, lhs.offset, rhs.offset) : undefined;
}

const PRECEDENCE: Readonly<Record<BinaryOp, { readonly level: number; readonly text: string }>> = {
  add: { level: 1, text: "+" },
  sub: { level: 1, text: "-" },
  mul: { level: 2, text: "*" },
  div: { level: 2, text: "/" },
  min: { level: 9, text: "min" },
  max: { level: 9, text: "max" },
};

/** Text of a value; constants are folded first, because reading the text back folds them. */
export function printExpr(e: Expr, ranges: Ranges): string {
  return exprText(foldConstants(e, ranges), 0, ranges);
}

/** The same value without operations on constants. */
export function foldConstants(e: Expr, ranges: Ranges): Expr {
  switch (e.kind) {
    case "literal":
      return literal(rounded(e.dtype, e.value), e.dtype);
    case "index":
      return indexNumber(simplifyIndex(e.index, ranges), e.dtype);
    case "load":
      return e;
    case "table":
      return entry(
        e.table,
        e.at.map((index) => simplifyIndex(index, ranges)),
      );
    case "binary":
      return binary(e.op, foldConstants(e.lhs, ranges), foldConstants(e.rhs, ranges));
    case "unary":
      return unary(e.op, foldConstants(e.value, ranges));
    case "call":
      return call(
        e.fn,
        e.args.map((arg) => foldConstants(arg, ranges)),
      );
    case "convert":
      return e.small
        ? roundSmall(foldConstants(e.value, ranges))
        : convert(e.to, foldConstants(e.value, ranges));
    case "select": {
      const known = knownCond(e.when, ranges);
      if (known !== undefined) return foldConstants(known ? e.then : e.otherwise, ranges);
      return select(e.when, foldConstants(e.then, ranges), foldConstants(e.otherwise, ranges));
    }
  }
}

/** `level` is how tightly the surroundings bind: 1 sums, 2 products, 3 signs. */
function exprText(e: Expr, level: number, ranges: Ranges): string {
  const grouped = (text: string, own: number): string => (own < level ? `(${text})` : text);
  switch (e.kind) {
    case "literal":
      return printLiteral(e.value, e.dtype);
    case "index":
      return `${e.dtype === "f32" ? "float" : e.dtype}(${indexText(e.index, ranges)})`;
    case "load":
      return printAccess(e.buffer, e.at, ranges);
    case "table":
      return printAccess(e.table.name, e.at, ranges);
    case "binary": {
      const { level: own, text } = PRECEDENCE[e.op];
      if (own === 9) return `${text}(${exprText(e.lhs, 0, ranges)}, ${exprText(e.rhs, 0, ranges)})`;
      return grouped(`${exprText(e.lhs, own, ranges)} ${text} ${exprText(e.rhs, own + 1, ranges)}`, own);
    }
    case "unary":
      if (e.op === "neg") return grouped(`-${exprText(e.value, 4, ranges)}`, 3);
      return `${e.op}(${exprText(e.value, 0, ranges)})`;
    case "call": {
      const args = e.args.map((arg) => exprText(arg, 0, ranges));
      return `${e.fn}(${args.join(", ")})`;
    }
    case "convert":
      return `${conversionName(e)}(${exprText(e.value, 0, ranges)})`;
    case "select": {
      const when = printCond(e.when, ranges);
      const text = `${when} ? ${exprText(e.then, 1, ranges)} : ${exprText(e.otherwise, 0, ranges)}`;
      return level === 0 ? text : `(${text})`;
    }
  }
}

/** `x[n][c]`, or the name of a scalar. */
export function printAccess(buffer: string, at: readonly Index[], ranges: Ranges): string {
  return buffer + at.map((index) => `[${printIndex(index, ranges)}]`).join("");
}

/** A number of a type: one of f32 as it is, others by the conversion that a reader takes for them. */
function printLiteral(value: number, dtype: DType): string {
  if (dtype === "f32") return printFloat(value);
  return `${dtype}(${isInteger(dtype) ? value : printFloat(value)})`;
}

/** The shortest decimal that reads back as the same f32. */
export function printFloat(value: number): string {
  const f = Math.fround(value);
  if (Object.is(f, -0)) return "-0";
  if (!Number.isFinite(f)) return String(f);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(f.toPrecision(digits));
    if (Math.fround(short) === f) return String(short);
  }
  return String(f);
}

/** A table as text: nested lists. */
export function printTable({ shape, values }: Table): string {
  const [extent, ...rest] = shape;
  const size = rest.reduce((a, b) => a * b, 1);
  const part = (i: number): string =>
    rest.length === 0
      ? printFloat(values[i])
      : printTable({ name: "", shape: rest, values: values.slice(i * size, (i + 1) * size) });
  return `[${Array.from({ length: extent }, (_, i) => part(i)).join(", ")}]`;
}
