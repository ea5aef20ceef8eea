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

function numbersOf({ terms, offset }: Index): number[] {
  return [
    offset,
    ...terms.flatMap(({ coef, atom }) => [coef, ...(atom.kind === "axis" ? [] : numbersOf(atom.of))]),
  ];
}

const NONE = new Map();
const quotient = divMod(combine([[axis("i"), 3]], -8), 4, NONE);

test.each<[string, Index]>([
  ["a constant", constant(7)],
  ["minus nothing", constant(-0)],
  ["a difference", subtract(axis("i", 2), axis("j"))],
  ["a sum", combine([[axis("i"), 3]], 5)],
  ["a product", scale(combine([[axis("i"), 1]], 2), 4)],
  ["nothing times less than nothing", scale(axis("i"), -1)],
  ["a quotient", quotient.div],
  ["a remainder", quotient.mod],
  ["an axis that is a number", substitute(axis("i", -2), new Map([["i", constant(0)]]), NONE)],
])("%s has whole numbers, and none that is minus nothing", (_, index) => {
  for (const n of numbersOf(index)) {
    expect(Number.isInteger(n)).toBe(true);
    expect(Object.is(n, -0)).toBe(false);
  }
});
