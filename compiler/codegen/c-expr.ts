import type { BinaryOp, Cond, UnaryOp } from "../ir/expr.ts";
import type { Atom, Index } from "../ir/index-expr.ts";
import type { VExpr } from "../ir/vector.ts";
import type { Isa } from "../target/target.schema.ts";

/** An address as C: what is added first, then the constant, then what is subtracted. */
export function cIndex(index: Index): string {
  const scaled = (coef: number, atom: Atom): string =>
    coef === 1 ? cAtom(atom) : `${cAtom(atom)} * ${coef}`;
  const added = index.terms.flatMap(({ coef, atom }) => (coef > 0 ? [scaled(coef, atom)] : []));
  const subtracted = index.terms.flatMap(({ coef, atom }) => (coef < 0 ? [`-${scaled(-coef, atom)}`] : []));
  const constant = index.offset !== 0 || index.terms.length === 0 ? [String(index.offset)] : [];
  return [...added, ...constant, ...subtracted].join(" + ").replace(/\+ -/g, "- ");
}

/** Lowering sees to it that what is divided is never negative: C rounds quotients towards zero. */
function cAtom(atom: Atom): string {
  if (atom.kind === "axis") return atom.name;
  return `(${cIndex(atom.of)}) ${atom.kind === "div" ? "/" : "%"} ${atom.by}`.replace(/^/, "(").concat(")");
}

/** `buffer + offset`, the shortest way. */
export function cAddress(buffer: string, at: Index): string {
  return at.terms.length === 0 && at.offset === 0
    ? buffer
    : `${buffer} + ${cIndex(at)}`.replace(/\+ -/g, "- ");
}

/** A float constant that reads back as the same bits. */
export function cFloat(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "INFINITY";
  if (value === Number.NEGATIVE_INFINITY) return "-INFINITY";
  if (Number.isNaN(value)) return "NAN";
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return `${Object.is(value, -0) ? "-0" : value}.0f`;
  const text = String(Number(Math.fround(value).toPrecision(9)));
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

export function cCond(cond: Cond): string {
  const op = { lt: "<", ge: ">=", eq: "==" }[cond.op];
  return `${cIndex(cond.lhs)} ${op} ${cIndex(cond.rhs)}`;
}

const SCALAR_BINARY: Readonly<Record<BinaryOp, (a: string, b: string) => string>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  min: (a, b) => `tw_minf(${a}, ${b})`,
  max: (a, b) => `tw_maxf(${a}, ${b})`,
};
/**
 * The functions that scalar values call and C does not have, by name: its fminf and fmaxf drop NaN. They have no branch, so that
 * the C compiler can still make vectors of the loops around them.
 */
export const SCALAR_HELPERS: Readonly<Record<string, string>> = {
  tw_minf: keepingNan("tw_minf", "fminf"),
  tw_maxf: keepingNan("tw_maxf", "fmaxf"),
};
function keepingNan(name: string, dropping: string): string {
  return `/* ${dropping}, but NaN where either is: all of its bits are set then. */
static inline float ${name}(float a, float b)
{
    union { float value; int bits; } r = {${dropping}(a, b)};
    r.bits |= -((a != a) | (b != b));
    return r.value;
}`;
}
const SCALAR_UNARY: Readonly<Record<UnaryOp, (a: string) => string>> = {
  neg: (a) => `-${a}`,
  exp: (a) => `expf(${a})`,
  sqrt: (a) => `sqrtf(${a})`,
  tanh: (a) => `tanhf(${a})`,
};

/** Fills `$1`, `$2`, ... and `$lane` of a row of the instruction set's table. */
export function fill(row: string, args: readonly string[], lane?: number): string {
  return row.replace(/\$(\d|lane)/g, (_, what: string) =>
    what === "lane" ? String(lane) : args[Number(what) - 1],
  );
}

/** A value as C. */
export function cExpr(e: VExpr, isa: Isa): string {
  const c = (x: VExpr): string => cExpr(x, isa);
  switch (e.kind) {
    case "literal":
      return cFloat(e.value);
    case "register":
      return e.name;
    case "load":
      if (e.lanes === 1)
        return e.at.terms.length === 0 ? `${e.buffer}[${e.at.offset}]` : `${e.buffer}[${cIndex(e.at)}]`;
      return fill(isa.ops.load, [cAddress(e.buffer, e.at)]);
    case "splat":
      return fill(isa.ops.splat, [c(e.value)]);
    case "binary":
      if (e.lanes === 1) return SCALAR_BINARY[e.op](nested(e.lhs, isa), nested(e.rhs, isa));
      return fill(isa.ops[e.op], [c(e.lhs), c(e.rhs)]);
    case "unary":
      return SCALAR_UNARY[e.op](e.op === "neg" ? nested(e.value, isa) : c(e.value));
    case "exponent":
      return fill(isa.ops.exponent, [c(e.value)]);
    case "fma":
      if (e.lanes === 1) return `${nested(e.acc, isa)} + ${nested(e.a, isa)} * ${nested(e.b, isa)}`;
      return fill(isa.ops.fma, [c(e.acc), c(e.a), c(e.b)]);
    case "fms":
      return fill(isa.ops.fms, [c(e.acc), c(e.a), c(e.b)]);
    case "fma-lane":
      return fill(isa.ops.fmaLane ?? "", [c(e.acc), c(e.a), c(e.b)], e.lane);
    case "mul-lane":
      return fill(isa.ops.mulLane ?? "", [c(e.a), c(e.b)], e.lane);
    case "select":
      return `${cCond(e.when)} ? ${nested(e.then, isa)} : ${nested(e.otherwise, isa)}`;
    case "iota":
      return isa.ops.iota;
    case "index":
      return `(float)(${cIndex(e.index)})`;
  }
}

/** A scalar operand, in brackets unless it binds tighter than any operator. */
function nested(e: VExpr, isa: Isa): string {
  const text = cExpr(e, isa);
  const infix =
    e.kind === "select" || e.kind === "fma" || e.kind === "binary" || (e.kind === "unary" && e.op === "neg");
  const call = e.kind === "binary" && (e.op === "min" || e.op === "max");
  return (infix && !call) || text.startsWith("-") ? `(${text})` : text;
}
