import { type Expr, isSameExpr, typeOf } from "../ir/expr.ts";
import { logisticOf } from "../ir/logistic.ts";
import { partsOf } from "../ir/rewrite.ts";
import { parseKernel } from "../language/parse-kernel.ts";
import { actOf } from "../ops/activation/activations.ts";
import type { HalfUse } from "../ops/op.ts";
import { kernelFile, operator } from "../task/compile-task.ts";
import { withHalves } from "../task/halves.ts";
import { movesLittle } from "./activation-errors.ts";

/** An activation, as a kernel's dims say it, and its formula: of a load, which stands for any value. */
export interface Formula {
  readonly act: number;
  readonly alpha: number;
  readonly beta: number;
  readonly of: Expr;
}

/** An activation of a value. */
export type WholeFunction = Omit<Formula, "of"> & { readonly value: Expr };

/** The formula of the activation that a kernel of these dims ends with; undefined where its bound is no better as a whole. */
export function formulaOf(
  { ACT = 0, ALPHA = 0, BETA = 0 }: Readonly<Record<string, number>>,
  halves: HalfUse | undefined,
): Formula | undefined {
  if (!movesLittle(ACT)) return undefined;
  const op = operator("activation");
  const one = { N: 1, C: 1, H: 1, W: 1, LO: Number.NEGATIVE_INFINITY, HI: Number.POSITIVE_INFINITY };
  const proc = parseKernel(kernelFile(op), op.kernel.name, { ...one, ACT, ALPHA, BETA });
  let [statement] = (halves === undefined ? proc : withHalves(proc, halves)).body;
  while (statement.kind === "for") [statement] = statement.body;
  if (statement.kind !== "store") return undefined;
  const { value } = statement;
  return { act: ACT, alpha: ALPHA, beta: BETA, of: value.kind === "convert" ? value.value : value };
}

/** Which activation of which value an expression of f32 is; undefined: none. */
export function wholeFunctionOf(e: Expr, formula: Formula | undefined): WholeFunction | undefined {
  const value = formula && matched(formula.of, e, undefined);
  if (formula !== undefined && value !== undefined) return { ...formula, value };
  const logistic = logisticOf(e);
  if (logistic === undefined || logistic.dtype !== "f32") return undefined;
  const { above } = logistic;
  if (above.kind !== "literal") return { act: actOf("silu"), alpha: 1, beta: 0, value: logistic.value };
  return above.value === 1 ? { act: actOf("sigmoid"), alpha: 0, beta: 0, value: logistic.value } : undefined;
}

/** What an expression has in a pattern's loads' place, the same in each, be it `known` already; undefined where it is another. */
function matched(pattern: Expr, e: Expr, known: Expr | undefined): Expr | undefined {
  if (pattern.kind === "load" || (pattern.kind === "convert" && pattern.value.kind === "load")) {
    if (typeOf(e) !== typeOf(pattern)) return undefined;
    return known === undefined || isSameExpr(known, e) ? e : undefined;
  }
  if (!isAlike(pattern, e)) return undefined;
  const parts = partsOf(e);
  let found = known;
  for (const [i, part] of partsOf(pattern).entries()) {
    if (part.kind === "literal") {
      if (!isAlike(part, parts[i])) return undefined;
    } else {
      found = matched(part, parts[i], found);
      if (found === undefined) return undefined;
    }
  }
  return found;
}

/** Whether two expressions are the same but for what they are made of. */
function isAlike(a: Expr, b: Expr): boolean {
  if (a.kind !== b.kind || typeOf(a) !== typeOf(b) || partsOf(a).length !== partsOf(b).length) return false;
  if (a.kind === "literal") return b.kind === "literal" && Object.is(a.value, b.value);
  if (a.kind === "binary") return b.kind === "binary" && a.op === b.op;
  if (a.kind === "unary") return b.kind === "unary" && a.op === b.op;
  if (a.kind === "call") return b.kind === "call" && a.fn === b.fn;
  return a.kind === "convert";
}
