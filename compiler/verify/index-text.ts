import type { Cond } from "../ir/expr.ts";
import type { Index } from "../ir/index-expr.ts";
import { defined } from "../support/assert.ts";

/** Names of loops' variables by axis, and of index tables' contents. */
export type Scope = ReadonlyMap<string, string>;

/** A row-major address. */
export function flat(at: readonly Index[], shape: readonly number[], scope: Scope): string {
  return at.reduce(
    (address, i, d) => (d === 0 ? index(i, scope) : `(${address}) * ${shape[d]} + ${index(i, scope)}`),
    "0",
  );
}

/** An index of loops' variables, `scope` has their names. */
export function index({ terms, offset }: Index, scope: Scope): string {
  const parts = terms.map(({ coef, atom }) => {
    if (atom.kind === "axis") return `${coef} * ${defined(scope.get(atom.name), `axis ${atom.name}`)}`;
    if (atom.kind === "lookup") {
      const { name, bound, held } = atom.table;
      const element = `${defined(scope.get(name), `table ${name}`)}[${index(atom.of, scope)}]`;
      return `${coef} * ${held ? `R.heldIndex(${element}, ${bound})` : element}`;
    }
    const [of, by] = [index(atom.of, scope), atom.by];
    const quotient = `Math.floor((${of}) / ${by})`;
    return `${coef} * ${atom.kind === "div" ? quotient : `((${of}) - ${quotient} * ${by})`}`;
  });
  return [...parts, `${offset}`].join(" + ");
}

const COMPARISONS = { lt: "<", ge: ">=", eq: "===" } as const;

export function condition({ op, lhs, rhs }: Cond, scope: Scope): string {
  return `${index(lhs, scope)} ${COMPARISONS[op]} ${index(rhs, scope)}`;
}
