/** Two lists matched by name. */
export interface Paired<A, B = A> {
  readonly pairs: readonly { readonly base: A; readonly now: B; readonly label: string }[];
  /** As shown, of those that only one list has. */
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
}

interface Named {
  readonly name: string;
}

/**
 * Matches things of equal names, those of a name that occurs again one after another. What is shown of the second is
 * `NAME (2)`; pairs are in the order of `now`.
 */
export function pairUp<A extends Named, B extends Named>(
  base: readonly A[],
  now: readonly B[],
): Paired<A, B> {
  const left = labelled(base);
  const right = labelled(now);
  return {
    pairs: [...right].flatMap(([key, { value, label }]) => {
      const other = left.get(key);
      return other === undefined ? [] : [{ base: other.value, now: value, label }];
    }),
    onlyBase: [...left].filter(([key]) => !right.has(key)).map(([, { label }]) => label),
    onlyNow: [...right].filter(([key]) => !left.has(key)).map(([, { label }]) => label),
  };
}

/** By name and occurrence; a name may look like the label of another, so labels are no keys. */
function labelled<T extends Named>(all: readonly T[]): Map<string, { value: T; label: string }> {
  const seen = new Map<string, number>();
  return new Map(
    all.map((value) => {
      const { name } = value;
      const nth = (seen.get(name) ?? 0) + 1;
      seen.set(name, nth);
      return [`${nth}:${name}`, { value, label: nth === 1 ? name : `${name} (${nth})` }];
    }),
  );
}
