/**
 * The same function of two things that never change and of some data, which knows its last answer: it is not asked again while
 * things and data are the same. For what a search asks hundreds of times in a row.
 */
export function knowsLast<A extends object, B extends object, R extends readonly unknown[], V>(
  f: (a: A, b: B, ...data: R) => V,
): (a: A, b: B, ...data: R) => V {
  let last: { readonly a: A; readonly b: B; readonly data: string; readonly value: V } | undefined;
  return (a, b, ...rest) => {
    const data = JSON.stringify(rest);
    if (last === undefined || last.a !== a || last.b !== b || last.data !== data)
      last = { a, b, data, value: f(a, b, ...rest) };
    return last.value;
  };
}
