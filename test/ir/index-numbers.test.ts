import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import {
  axis,
  combine,
  constant,
  divMod,
  type Index,
  scale,
  subtract,
} from "../../compiler/ir/index-expr.ts";
import { substitute } from "../../compiler/ir/substitute.ts";

setFlagsFromString("--allow-natives-syntax");
/** Whether V8 holds all of an array's elements as small integers. */
const smallIntegers = new Function("list", "return %HasSmiElements(list)") as (list: number[]) => boolean;

/** A whole number as V8 has it where it was computed with floats. */
function float(value: number): number {
  return [0.5, value][1];
}

function numbersOf({ terms, offset }: Index): number[] {
  return [
    offset,
    ...terms.flatMap(({ coef, atom }) => [coef, ...(atom.kind === "axis" ? [] : numbersOf(atom.of))]),
  ];
}

function areSmall(index: Index): boolean {
  return numbersOf(index).every((n) => {
    // an array that was read has no history of others made here
    const list: number[] = JSON.parse("[]");
    list.push(n);
    return smallIntegers(list);
  });
}

const NONE = new Map();
const quotient = divMod(combine([[axis("i"), 3]], -8), float(4), NONE);

test.each<[string, Index]>([
  ["a constant", constant(float(7))],
  ["minus nothing", constant(-0)],
  ["a difference", subtract(axis("i", float(2)), axis("j"))],
  ["a sum", combine([[axis("i"), float(3)]], float(5))],
  ["a product", scale(combine([[axis("i"), 1]], 2), float(4))],
  ["nothing times less than nothing", scale(axis("i"), -1)],
  ["a quotient", quotient.div],
  ["a remainder", quotient.mod],
  ["an axis that is a number", substitute(axis("i", -2), new Map([["i", constant(0)]]), NONE)],
])("%s has small integers, whatever they were computed with", (_, index) => {
  expect(areSmall(index)).toBe(true);
});

test("a float is none", () => {
  expect(areSmall({ terms: [], offset: float(7) })).toBe(false);
});
