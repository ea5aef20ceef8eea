import type { Node } from "ts-morph";
import { convertNumber, converts } from "../ir/arithmetic.ts";
import { DTYPES, type DType, isInteger, RANGE, rounded } from "../ir/dtype.ts";
import {
  type BinaryOp,
  binary,
  convert,
  type Expr,
  indexNumber,
  literal,
  roundSmall,
  typeOf,
} from "../ir/expr.ts";
import { CONVERSION_NAMES } from "../ir/names.ts";
import { kernelError } from "./kernel-error.ts";
import { combineValues, computed, negate, toExpr, type Value } from "./value.ts";

/** Types of values as kernels write them: nothing is converted unless the kernel says so. */

/** A value as IR of a type. A constant takes it, if it is a number of it; what is computed has one already. Throws K123, K125. */
export function asType(value: Value, dtype: DType, at: Node): Expr {
  switch (value.kind) {
    case "constant":
      return literal(constantOf(value.value, dtype, at), dtype);
    case "index":
      if (dtype === "f32" || dtype === "i32") return indexNumber(value.index, dtype);
      throw mixed(at, dtype, "an index", [
        dtype === "f16"
          ? `write f16(float(${at.getText()}))`
          : `write ${CONVERSION_NAMES[dtype]("i32")}(i32(${at.getText()}))`,
      ]);
    case "expr": {
      const found = typeOf(value.expr);
      if (found === dtype) return value.expr;
      throw mixed(at, dtype, found, conversionText(found, dtype, at.getText()));
    }
  }
}

function constantOf(value: number, dtype: DType, at: Node): number {
  const range = RANGE[dtype];
  if (range === undefined) return rounded(dtype, value);
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value + 0;
  throw kernelError("notOfType", at, `\`${at.getText()}\` is no ${dtype}`, {
    why: `its value is ${value}; ${dtype} holds whole numbers from ${range.min} to ${range.max}`,
    help: ["write a number that it holds, or compute in f32"],
  });
}

/** The type that values of one expression have: that of those computed, else f32. */
export function commonType(values: readonly Value[]): DType {
  for (const value of values) if (value.kind === "expr") return typeOf(value.expr);
  return "f32";
}

/** One operation on two values, which are of one type or constants. Throws K123 to K125. */
export function combine(op: BinaryOp, a: Value, b: Value, at: Node, parts: readonly [Node, Node]): Value {
  if (a.kind !== "expr" && b.kind !== "expr") return combineValues(op, a, b);
  const dtype = commonType([a, b]);
  const [lhs, rhs] = [a, b].map((value, i) => operand(value, dtype, at, parts[i], parts[1 - i]));
  checkOperation(op, dtype, at, parts);
  return computed(binary(op, lhs, rhs));
}

/** Mixed types are told for the whole expression: which side is wrong only its author knows. */
function operand(value: Value, dtype: DType, at: Node, own: Node, other: Node): Expr {
  const found = value.kind === "expr" ? typeOf(value.expr) : dtype;
  if (found === dtype) return asType(value, dtype, own);
  throw mixed(at, dtype, found, [
    ...conversionText(found, dtype, own.getText()),
    ...conversionText(dtype, found, other.getText()),
  ]);
}

const SIGNS: Readonly<Record<BinaryOp, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  min: "min",
  max: "max",
};

function checkOperation(op: BinaryOp, dtype: DType, at: Node, parts: readonly [Node, Node]): void {
  if (op === "min" || op === "max" || !isInteger(dtype) || (dtype === "i32" && op !== "div")) return;
  const wide = op === "div" ? "f32" : "i32";
  const text = parts.map((part) => `${wide}(${part.getText()})`).join(` ${SIGNS[op]} `);
  throw kernelError("noOperation", at, `${dtype} has no \`${SIGNS[op]}\``, {
    why:
      op === "div"
        ? "the quotient of whole numbers is none"
        : `${dtype} only holds numbers: what is computed with them is i32, or f32`,
    help: [`write ${text}`],
  });
}

/** A value with its sign changed. Throws K124. */
export function negated(value: Value, at: Node, part: Node): Value {
  const dtype = commonType([value]);
  if (value.kind !== "expr" || dtype === "i32" || !isInteger(dtype)) return negate(value);
  throw kernelError("noOperation", at, `${dtype} has no sign to change`, {
    why: `${dtype} only holds numbers: what is computed with them is i32, or f32`,
    help: [`write -i32(${part.getText()})`],
  });
}

/** The operand of a function that there is for f32 only. Throws K124. */
export function floatOnly(name: string, value: Value, at: Node, part: Node): Expr {
  const dtype = commonType([value]);
  if (dtype === "f32") return toExpr(value);
  const [wide = ""] = conversionText(dtype, "f32", part.getText());
  throw kernelError("noOperation", at, `${dtype} has no \`${name}\``, {
    why: `\`${name}\` is computed in f32`,
    help: [dtype === "f16" ? `write f16(${name}(${wide.replace("write ", "")}))` : `${wide} inside`],
  });
}

/** The operand of a function that there is for i32 only. Throws K124 and K125. */
export function wholeOnly(name: string, value: Value, at: Node, part: Node): Expr {
  const dtype = value.kind === "expr" ? typeOf(value.expr) : "i32";
  if (dtype === "i32") return asType(value, dtype, part);
  throw kernelError("noOperation", at, `${dtype} has no \`${name}\``, {
    why: `\`${name}\` is computed in i32`,
    help: conversionText(dtype, "i32", part.getText()),
  });
}

/** Functions that convert, and the type they give. */
export const CONVERSIONS: ReadonlyMap<string, DType> = new Map<string, DType>([
  ...DTYPES.map((dtype) => [dtype, dtype] as const),
  ["roundI32", "i32"],
  ["roundSmallI32", "i32"],
  ["saturateI8", "i8"],
  ["saturateU8", "u8"],
]);

/** `f16(v)`, `roundI32(v)` and so on: a constant, an index, or a value of another type. Throws K124 and K125. */
export function parseConversion(name: string, to: DType, value: Value, at: Node, part: Node): Value {
  if (value.kind === "constant") {
    const held = name === to ? constantOf(value.value, to, part) : convertNumber(to, value.value);
    return computed(literal(held, to));
  }
  if (value.kind === "index") return computed(asType(value, to, part));
  const from = typeOf(value.expr);
  if (from === to && name === to) return value;
  if (from === "f32" && name === "roundSmallI32") return computed(roundSmall(value.expr));
  if (converts(from, to) && CONVERSION_NAMES[to](from) === name) return computed(convert(to, value.expr));
  throw kernelError("noOperation", at, `\`${name}\` does not convert ${from}`, {
    why: `\`${part.getText()}\` is ${from}${converts(from, to) ? "; where a number may be lost, the name says what becomes of it" : ""}`,
    help:
      from === to ? [`\`${part.getText()}\` can stand as it is`] : conversionText(from, to, part.getText()),
  });
}

/** "write f16(f32(v))": the shortest way from one type to another; nothing where they are one. */
function conversionText(from: DType, to: DType, text: string): readonly string[] {
  const ways: { readonly at: DType; readonly text: string }[] = [{ at: from, text }];
  for (const way of ways) {
    if (way.at === to) return way === ways[0] ? [] : [`write ${way.text}`];
    for (const next of DTYPES) {
      if (!converts(way.at, next) || ways.some((w) => w.at === next)) continue;
      ways.push({ at: next, text: `${CONVERSION_NAMES[next](way.at)}(${way.text})` });
    }
  }
  return [];
}

function mixed(at: Node, wanted: DType, found: string, help: readonly string[]): Error {
  return kernelError("mixedTypes", at, `\`${at.getText()}\` mixes ${wanted} and ${found}`, {
    why: "no value is converted unless the kernel says so",
    help,
  });
}

/** Refuses to store a value of another type than the buffer's; a constant takes it. Throws K123 and K125. */
export function storedValue(value: Value, dtype: DType, buffer: string, at: Node): Expr {
  const found = value.kind === "expr" ? typeOf(value.expr) : dtype;
  if (found === dtype) return asType(value, dtype, at);
  throw kernelError("mixedTypes", at, `\`${at.getText()}\` is ${found}, but \`${buffer}\` holds ${dtype}`, {
    why: "no value is converted unless the kernel says so",
    help: conversionText(found, dtype, at.getText()),
  });
}
