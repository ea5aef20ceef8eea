import type { Node } from "ts-morph";
import { UserError } from "../support/diagnostic.ts";
import { shownPath } from "../support/shown-path.ts";

/** Every way a kernel can be outside the language; test/language/errors.test.ts holds a message for each. */
export const KERNEL_CODES = {
  noFunction: "K101",
  unboundDims: "K102",
  badParameter: "K103",
  badStatement: "K104",
  badExpression: "K105",
  unknownName: "K106",
  badLoop: "K107",
  badBound: "K108",
  notAffine: "K109",
  wrongRank: "K110",
  outOfBounds: "K111",
  notAssignable: "K112",
  declaredTwice: "K113",
  badCondition: "K114",
  badStorage: "K115",
  syntax: "K116",
  badDivision: "K117",
  unreadableFile: "K118",
  badArgument: "K119",
  recursion: "K120",
  badTable: "K121",
  badFunction: "K122",
  mixedTypes: "K123",
  noOperation: "K124",
  notOfType: "K125",
} as const;

export type KernelProblem = keyof typeof KERNEL_CODES;

/** What the author of a kernel reads besides the place. */
export interface Advice {
  readonly why?: string | undefined;
  readonly help?: readonly string[];
}

/** An error that shows the source line with the offending text underlined. */
export function kernelError(problem: KernelProblem, at: Node, title: string, advice: Advice = {}): UserError {
  return makeError(problem, title, place(at, at.getStart(), at.getEnd()), advice);
}

/** The same for a stretch of a file that is no node. */
export function kernelErrorAt(
  problem: KernelProblem,
  file: Node,
  start: number,
  length: number,
  title: string,
  advice: Advice = {},
): UserError {
  return makeError(problem, title, place(file, start, start + length), advice);
}

export function makeError(
  problem: KernelProblem,
  title: string,
  where: string,
  { why, help }: Advice = {},
): UserError {
  return new UserError({
    code: KERNEL_CODES[problem],
    exit: "badInput",
    title,
    where,
    ...(why === undefined ? {} : { why }),
    ...(help === undefined ? {} : { help }),
  });
}

/** `file:line:column`, the line, and a row of carets under the text from start to end. */
function place(node: Node, start: number, end: number): string {
  const source = node.getSourceFile();
  const text = source.getFullText();
  const { line, column } = source.getLineAndColumnAtPos(start);
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const newline = text.indexOf("\n", start);
  const lineEnd = newline < 0 ? text.length : newline;
  const content = text.slice(lineStart, lineEnd).replace(/\r$/, "").replaceAll("\t", " ");
  const margin = content.length - content.trimStart().length;
  const carets = "^".repeat(Math.max(1, Math.min(end, lineEnd) - start));
  const under = " ".repeat(Math.max(0, start - lineStart - margin)) + carets;
  return `${shownPath(source.getFilePath())}:${line}:${column}\n${content.trimStart()}\n${under}`;
}
