import type { ArrayLiteralExpression, Expression } from "ts-morph";
import type { Table } from "../ir/expr.ts";
import { kernelError } from "./kernel-error.ts";
import type { ParseValue, Scope } from "./scope.ts";
import { bare } from "./syntax.ts";
import { Node } from "./ts-morph.ts";

/** A table's shape and values from `[[1, 0], [0.5, -1]]`: constants, rectangular. */
export function parseTable(
  name: string,
  list: ArrayLiteralExpression,
  scope: Scope,
  parseValue: ParseValue,
): Table {
  const { shape, values } = rows(list, scope, parseValue);
  return { name, shape, values };
}

function rows(
  list: ArrayLiteralExpression,
  scope: Scope,
  parseValue: ParseValue,
): { readonly shape: readonly number[]; readonly values: readonly number[] } {
  const elements = list.getElements().map((element) => bare(element));
  const parts = elements.map((e) => {
    if (Node.isArrayLiteralExpression(e)) return { at: e, ...rows(e, scope, parseValue) };
    return { at: e, shape: [], values: [constant(e, scope, parseValue)] };
  });
  const [first] = parts;
  if (first === undefined) throw badTable(list, "an empty list is no table");
  const odd = parts.find(({ shape }) => shape.join() !== first.shape.join());
  if (odd !== undefined) {
    const said = (shape: readonly number[]): string =>
      shape.length === 0 ? "a number" : `a list of ${shape.join(" x ")}`;
    throw badTable(
      odd.at,
      `the rows of a table are alike: this is ${said(odd.shape)}, the first ${said(first.shape)}`,
    );
  }
  return { shape: [parts.length, ...first.shape], values: parts.flatMap(({ values }) => values) };
}

function constant(e: Expression, scope: Scope, parseValue: ParseValue): number {
  const value = parseValue(e, scope);
  if (value.kind === "constant") return Math.fround(value.value);
  throw badTable(e, `\`${e.getText()}\` is not known at compile time`);
}

function badTable(at: Node, title: string): Error {
  return kernelError("badTable", at, title, {
    help: ["a table is a list of numbers, or of such lists: const B = [[4, 0, -5], [0, 1, 1]];"],
  });
}
