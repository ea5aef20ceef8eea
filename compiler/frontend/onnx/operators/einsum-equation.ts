import type { NodeContext } from "../node-context.ts";

/** A letter for each axis; axes of an ellipsis have names of their own. */
export type Subscripts = readonly string[];

/** What an equation of Einsum-12 calls the axes of its operands and of its result. */
export interface Equation {
  readonly inputs: readonly Subscripts[];
  readonly output: Subscripts;
}

/**
 * Reads `bij,bjk->bik`, `...ij->...ji` or, without a result, `ij,jk`, whose result has the axes of an ellipsis and then the letters
 * that occur once, in alphabetical order. `ranks`: of the operands.
 */
export function parseEquation(node: NodeContext, equation: string, ranks: readonly number[]): Equation {
  const text = equation.replaceAll(" ", "");
  const [left, right, ...more] = text.split("->");
  const terms = left.split(",");
  const fits = [...terms, right ?? ""].every((term) => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term));
  if (more.length > 0 || !fits) node.invalid(`its equation is ${JSON.stringify(equation.slice(0, 80))}`);
  if (terms.length !== ranks.length) {
    node.invalid(`its equation has ${terms.length} operands, it has ${ranks.length}`);
  }
  const hidden = terms.map((term, i) => ranks[i] - term.replace("...", "").length);
  terms.forEach((term, i) => {
    const exact = term.includes("...") ? hidden[i] >= 0 : hidden[i] === 0;
    if (!exact) node.invalid(`operand ${i} has ${ranks[i]} dimensions, its equation says ${term}`);
  });
  const most = Math.max(0, ...hidden);
  const inputs = terms.map((term, i) => lettered(term, most, hidden[i]));
  const repeated = inputs.find((letters) => new Set(letters).size < letters.length);
  if (repeated !== undefined) node.unsupported(`equation ${text}: a letter twice in one operand`);
  const output = right === undefined ? impliedOutput(inputs, most) : lettered(right, most, most);
  if (new Set(output).size < output.length) node.invalid(`its result names an axis twice: ${right}`);
  const unknown = output.find((letter) => !inputs.flat().includes(letter));
  if (unknown !== undefined) node.invalid(`its result names ${unknown}, which no operand has`);
  if (right !== undefined && most > 0 && !right.includes("...")) {
    node.unsupported(`equation ${text}: a sum over the axes of an ellipsis`);
  }
  return { inputs, output };
}

/** Axes of an ellipsis are counted from the last, as they are spread against each other. */
function lettered(term: string, most: number, hidden: number): Subscripts {
  const [before, after] = term.split("...");
  if (after === undefined) return [...before];
  const axes = Array.from({ length: hidden }, (_, i) => `.${most - hidden + i}`);
  return [...before, ...axes, ...after];
}

function impliedOutput(inputs: readonly Subscripts[], most: number): Subscripts {
  const all = inputs.flat();
  const letters = all.filter((letter) => /[A-Za-z]/.test(letter));
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  const axes = Array.from({ length: most }, (_, i) => `.${i}`);
  return [...axes, ...once.sort()];
}
