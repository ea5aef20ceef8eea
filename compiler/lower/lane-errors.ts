import type { Expr } from "../ir/expr.ts";
import { axesOf } from "../ir/index-expr.ts";
import type { Instruction, Operand } from "../ir/instruction.ts";
import type { Diagnostic } from "../support/diagnostic.ts";

/** What a vector loop, or an element of a table, cannot become. */

export function notContiguous(buffer: string, vector: string, stride: number | undefined): Diagnostic {
  const spaced = stride === undefined ? "not evenly spaced" : `${stride} elements apart`;
  return {
    code: "L102",
    exit: "illegalSchedule",
    title: `cannot load or store \`${buffer}\` along \`${vector}\` as one vector`,
    why: `neighbouring iterations touch elements that are ${spaced}`,
    help: [`pack \`${buffer}\` so that \`${vector}\` is its last dimension, or vectorize another loop`],
  };
}

/** Neighbours lie wherever the elements of index tables say. */
export function lookedUp(buffer: string, vector: string, tables: readonly string[]): Diagnostic {
  const names = tables.map((name) => `\`${name}\``).join(", ");
  return {
    code: "L112",
    exit: "illegalSchedule",
    title: `cannot load or store \`${buffer}\` along \`${vector}\` as one vector`,
    why: `elements of ${names} say where neighbouring iterations touch it`,
    help: ["vectorize a loop along which they stay"],
  };
}

export function scalarOnly(what: string, vector: string): Diagnostic {
  return {
    code: "L103",
    exit: "illegalSchedule",
    title: `cannot vectorize \`${vector}\`: ${what} has no vector form`,
    why: "the instruction sets at hand have no such operation on vectors",
    help: [`fission \`${vector}\` so that the rest can be vectorized`],
  };
}

export function unevenNumbers(vector: string, stride: number | undefined): Diagnostic {
  return {
    code: "L106",
    exit: "illegalSchedule",
    title: `cannot vectorize \`${vector}\`: \`float\` of an index has no vector form`,
    why:
      stride === undefined
        ? `its values in neighbouring iterations of \`${vector}\` are not evenly spaced`
        : "it reaches beyond 2^24, where floats are no longer whole numbers one apart",
    help: [`vectorize another loop, or fission \`${vector}\` so that the rest can be vectorized`],
  };
}

export function tableAtRunTime({ table, at }: Extract<Expr, { readonly kind: "table" }>): Diagnostic {
  const axes = [...new Set(at.flatMap((index) => [...axesOf(index)]))]
    .map((name) => `\`${name}\``)
    .join(", ");
  return {
    code: "L105",
    exit: "illegalSchedule",
    title: `elements of the table \`${table.name}\` are chosen by ${axes} at run time`,
    why: "a table has no place in memory: its elements become constants in the code",
    help: [`unroll ${axes}`, `or make \`${table.name}\` a Weight parameter`],
  };
}

/** @param apart how far two of its elements are, and should be; absent: some lie elsewhere */
export function notBeside(
  { name, text }: Instruction,
  operand: Operand,
  buffer: string,
  apart?: { readonly axis: string; readonly found: number | undefined; readonly wanted: number | undefined },
): Diagnostic {
  return {
    code: "L111",
    exit: "illegalSchedule",
    title: `\`${buffer}\` does not lie as \`${name}\` takes its \`${operand.name}\``,
    why:
      apart === undefined
        ? "elements that it takes together lie elsewhere"
        : `neighbouring iterations of \`${apart.axis}\` touch elements ${apart.found ?? "unevenly"} apart, those of the instruction ${apart.wanted ?? 0}`,
    help: [`pack \`${buffer}\`, so that its elements lie in the order of ${text}`],
  };
}
