import { type DType, RANGE } from "../ir/dtype.ts";
import type { BinaryOp, Cond, UnaryOp } from "../ir/expr.ts";
import type { Atom, Index } from "../ir/index-expr.ts";
import { laneType, vectorLanes } from "../ir/lane-type.ts";
import type { VExpr, VLoad } from "../ir/vector.ts";
import { functionRow, isFloatVector, rowOf, vectorName } from "../machine/isa-rows.ts";
import type { Isa, IsaRow } from "../machine/target.schema.ts";
import { cCall, cLaneCall } from "./c-functions.ts";

/** An address as C: what is added first, then the constant, then what is subtracted. */
export function cIndex(index: Index): string {
  if (index.terms.length === 0) return String(index.offset);
  const scaled = (coef: number, atom: Atom): string =>
    coef === 1 ? cAtom(atom) : `${cAtom(atom)} * ${coef}`;
  const added = index.terms.flatMap(({ coef, atom }) => (coef > 0 ? [scaled(coef, atom)] : []));
  const subtracted = index.terms.flatMap(({ coef, atom }) => (coef < 0 ? [`-${scaled(-coef, atom)}`] : []));
  const constant = index.offset !== 0 ? [String(index.offset)] : [];
  return [...added, ...constant, ...subtracted].join(" + ").replace(/\+ -/g, "- ");
}

/** Lowering sees to it that what is divided is never negative: C rounds quotients towards zero. */
function cAtom(atom: Atom): string {
  if (atom.kind === "axis") return atom.name;
  // counted as all addresses are, whatever the elements of a table take
  if (atom.kind === "lookup") {
    const { name, bound, held } = atom.table;
    const element = `${name}[${cIndex(atom.of)}]`;
    return held ? `tw_held_index(${element}, ${bound})` : `(ptrdiff_t)${element}`;
  }
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

/** A number of a type as C: what is no f32 is written as the type's own constants are. */
function cNumber(value: number, dtype: DType, isa: Isa): string {
  if (dtype === "f32") return cFloat(value);
  if (dtype === "f16") return `(${cType(dtype, 1, isa)})${cFloat(value)}`;
  // 2147483648 is no int, so there is no constant of the least i32
  return value === RANGE.i32?.min ? `(${value + 1} - 1)` : String(value);
}

/** C type of a value, or of a vector of so many. */
export function cType(dtype: DType, lanes: number, isa: Isa): string {
  if (lanes > 1) {
    return isFloatVector(isa, dtype, lanes)
      ? isa.vectorType
      : (isa.vectorTypes?.[vectorName(dtype, lanes)] ?? "");
  }
  switch (dtype) {
    case "f32":
      return "float";
    case "f16":
      return isa.halfType ?? "";
    case "i8":
      return "int8_t";
    case "u8":
      return "uint8_t";
    case "i32":
      return "int32_t";
  }
}

/** C type of what a register is given. */
export function cTypeOf(value: VExpr, lanes: number, isa: Isa): string {
  if (value.kind === "instruction" && value.part === "first") return value.instruction.parts?.type ?? "";
  if (value.kind === "load" && value.registers !== undefined)
    return isa.vectorTypes?.[vectorName(value.dtype, lanes, value.registers)] ?? "";
  return cType(laneType(value), lanes, isa);
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
  tw_min_i32: "static inline int32_t tw_min_i32(int32_t a, int32_t b) { return b < a ? b : a; }",
  tw_max_i32: "static inline int32_t tw_max_i32(int32_t a, int32_t b) { return b > a ? b : a; }",
  tw_saturate_i8: saturating("i8", "INT8_MIN", "INT8_MAX"),
  tw_saturate_u8: saturating("u8", "0", "UINT8_MAX"),
  tw_round_i32: `/* The nearest whole number, ties to even, held between the least and the greatest; NaN becomes 0. */
static inline int32_t tw_round_i32(float v)
{
    if (v != v) return 0;
    if (v >= 0x1p31f) return INT32_MAX;
    return v < -0x1p31f ? INT32_MIN : (int32_t)rintf(v);
}`,
};
function saturating(type: string, least: string, greatest: string): string {
  const name = `tw_saturate_${type}`;
  const c = `${type === "u8" ? "u" : ""}int8_t`;
  return `static inline ${c} ${name}(int32_t v) { return (${c})(v < ${least} ? ${least} : v > ${greatest} ? ${greatest} : v); }`;
}
/** Whole numbers are compared as what C makes of small ones, int. */
const WHOLE_BINARY: typeof SCALAR_BINARY = {
  ...SCALAR_BINARY,
  min: (a, b) => `tw_min_i32(${a}, ${b})`,
  max: (a, b) => `tw_max_i32(${a}, ${b})`,
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
  wrapI16: (a) => `(int16_t)(${a})`,
};

/** Fills `$1`, `$2`, ... and `$lane` of a row of the instruction set's table. */
export function fill(row: string, args: readonly string[], lane?: number): string {
  const [first, ...parts] = row.split("$");
  return parts.reduce((text, part) => {
    if (part.startsWith("lane")) return `${text}${lane}${part.slice("lane".length)}`;
    return `${text}${args[Number(part[0]) - 1]}${part.slice(1)}`;
  }, first);
}

/** A value as C. */
export function cExpr(e: VExpr, isa: Isa): string {
  const c = (x: VExpr): string => cExpr(x, isa);
  switch (e.kind) {
    case "literal":
      return cNumber(e.value, e.dtype, isa);
    case "register":
      return e.name;
    case "load":
      if (e.lanes === 1)
        return e.at.terms.length === 0 ? `${e.buffer}[${e.at.offset}]` : `${e.buffer}[${cIndex(e.at)}]`;
      return fill(loadRow(e, isa), [cAddress(e.buffer, e.at)]);
    case "splat":
      return fill(vectorRow("splat", e, isa), [c(e.value)]);
    case "binary":
      if (e.lanes === 1) return scalarBinary(e, isa);
      return fill(vectorRow(e.op, e, isa), [c(e.lhs), c(e.rhs)]);
    case "unary":
      return SCALAR_UNARY[e.op](e.op === "neg" ? nested(e.value, isa) : c(e.value));
    case "call": {
      const args = e.args.map(c);
      if (e.lanes === 1) return cCall(e.fn, args);
      const row = functionRow(isa, e);
      return row === undefined ? cLaneCall(e.fn, args, isa) : fill(row.c, args);
    }
    case "convert":
      if (e.lanes === 1) return scalarConversion(e, isa);
      return fill(convertRow(e, isa), [c(e.value)]);
    case "narrow":
      return fill(narrowRow(e, isa), [c(e.low), c(e.high)]);
    case "exponent":
    case "reciprocal":
      return fill(vectorRow(e.kind, e, isa), [c(e.value)]);
    case "fma":
      if (e.lanes === 1) return `${nested(e.acc, isa)} + ${nested(e.a, isa)} * ${nested(e.b, isa)}`;
      return fill(vectorRow("fma", e, isa), [c(e.acc), c(e.a), c(e.b)]);
    case "fms":
      return fill(vectorRow("fms", e, isa), [c(e.acc), c(e.a), c(e.b)]);
    case "fma-lane":
      return fill(laneRow("fmaLane", e, isa), [c(e.acc), c(e.a), c(e.b)], e.lane);
    case "mul-lane":
      return fill(laneRow("mulLane", e, isa), [c(e.a), c(e.b)], e.lane);
    case "select":
      return `${cCond(e.when)} ? ${nested(e.then, isa)} : ${nested(e.otherwise, isa)}`;
    case "instruction":
      return instructionText(e, e.args.map(c));
    case "iota":
      return vectorRow("iota", e, isa);
    case "index":
      return `(${cType(e.dtype, 1, isa)})(${cIndex(e.index)})`;
  }
}

/** An instruction, or one of its parts. */
function instructionText(
  { instruction, part }: VExpr & { readonly kind: "instruction" },
  args: readonly string[],
): string {
  const { c, parts } = instruction;
  if (part === undefined || parts === undefined) return fill(c, args);
  return part === "first" ? fill(parts.first, ["", ...args]) : fill(parts.then, args);
}

type LaneOp = "fmaLane" | "mulLane";
type VectorOp = Exclude<
  IsaRow["op"],
  "convert" | "convertSmall" | "narrow" | "loadInOrder" | "roundEven" | LaneOp
>;

/** The row of an operation on vectors; lowering has seen to it that there is one. */
export function vectorRow(op: VectorOp, e: VExpr & { readonly lanes: number }, isa: Isa): string {
  return rowText(op, laneType(e), e.lanes, isa);
}

/** The same by the type of the lanes. */
export function rowText(op: VectorOp, dtype: DType, lanes: number, isa: Isa): string {
  if (isFloatVector(isa, dtype, lanes)) return isa.ops[op] ?? "";
  return rowOf(isa, op, vectorName(dtype, lanes))?.c ?? "";
}

function loadRow(e: VLoad, isa: Isa): string {
  if (e.registers !== undefined)
    return rowOf(isa, "load", vectorName(e.dtype, e.lanes, e.registers))?.c ?? "";
  if (e.inOrder !== true) return vectorRow("load", e, isa);
  return rowOf(isa, "loadInOrder", vectorName(e.dtype, e.lanes))?.c ?? "";
}

/** Of vectors by a lane of another one, which may be half as long. */
function laneRow(op: LaneOp, e: VExpr & { readonly kind: "fma-lane" | "mul-lane" }, isa: Isa): string {
  const [dtype, factor] = [laneType(e), vectorLanes(e.b)];
  if (isFloatVector(isa, dtype, factor)) return isa.ops[op] ?? "";
  return rowOf(isa, op, vectorName(dtype, e.lanes), vectorName(dtype, factor))?.c ?? "";
}

function narrowRow({ to, lanes, low }: VExpr & { readonly kind: "narrow" }, isa: Isa): string {
  return rowOf(isa, "narrow", vectorName(to, lanes), vectorName(laneType(low), lanes / 2))?.c ?? "";
}

function convertRow({ to, lanes, value, small }: Conversion, isa: Isa): string {
  const [type, from] = [to, laneType(value)].map((dtype) => vectorName(dtype, lanes));
  const own = small ? rowOf(isa, "convertSmall", type, from) : undefined;
  return (own ?? rowOf(isa, "convert", type, from))?.c ?? "";
}

/** An operation on single numbers: f16 is computed as float, and rounded after each, which gives what an f16 operation gives. */
function scalarBinary(e: VExpr & { readonly kind: "binary" }, isa: Isa): string {
  const dtype = laneType(e);
  if (dtype === "f32") return SCALAR_BINARY[e.op](nested(e.lhs, isa), nested(e.rhs, isa));
  if (dtype !== "f16") return WHOLE_BINARY[e.op](nested(e.lhs, isa), nested(e.rhs, isa));
  const wide = (o: VExpr): string => `(float)${nested(o, isa)}`;
  return `(${cType(dtype, 1, isa)})(${SCALAR_BINARY[e.op](wide(e.lhs), wide(e.rhs))})`;
}

type Conversion = VExpr & { readonly kind: "convert" };

function scalarConversion({ to, value }: Conversion, isa: Isa): string {
  const from = laneType(value);
  const number = cExpr(value, isa);
  const whole = from === "f32" || from === "f16" ? `tw_round_i32(${number})` : number;
  if (to === "i8" || to === "u8") return `tw_saturate_${to}(${whole})`;
  if (to === "i32" && from === "f32") return whole;
  return `(${cType(to, 1, isa)})${nested(value, isa)}`;
}

/** A scalar operand, in brackets unless it binds tighter than any operator. */
function nested(e: VExpr, isa: Isa): string {
  const text = cExpr(e, isa);
  const infix =
    e.kind === "select" || e.kind === "fma" || e.kind === "binary" || (e.kind === "unary" && e.op === "neg");
  const call = e.kind === "binary" && (e.op === "min" || e.op === "max" || laneType(e) === "f16");
  return (infix && !call) || text.startsWith("-") ? `(${text})` : text;
}
