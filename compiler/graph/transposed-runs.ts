/** Neighbouring dimensions that a transposition keeps together; `from` is the first of them in the input. */
export interface Run {
  readonly from: number;
  readonly extent: number;
}

/** Dimensions that a copy goes over, at most. */
export const COPY_DIMS = 5;

/** A transposition's result as dimensions that change their order; those of extent 1 are left out. */
export function transposedRuns(shape: readonly number[], perm: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  let next = -1;
  for (const dim of perm.filter((d) => shape[d] !== 1)) {
    const last = runs.at(-1);
    const skipped = next >= 0 && shape.slice(next, dim).every((extent) => extent === 1) && dim >= next;
    if (last !== undefined && skipped) {
      runs[runs.length - 1] = { from: last.from, extent: last.extent * shape[dim] };
    } else {
      runs.push({ from: dim, extent: shape[dim] });
    }
    next = dim + 1;
  }
  return runs;
}

/**
 * Transpositions, one after another, that each are one copy and together do what `perm` does. The first brings as many of the
 * result's leading dimensions to the front as a copy can.
 */
export function transpositions(
  shape: readonly number[],
  perm: readonly number[],
): readonly (readonly number[])[] {
  const isCopy = (order: readonly number[]): boolean => transposedRuns(shape, order).length <= COPY_DIMS;
  if (isCopy(perm)) return [perm];
  const leading = (count: number): readonly number[] => {
    const first = perm.slice(0, count);
    return [...first, ...shape.map((_, dim) => dim).filter((dim) => !first.includes(dim))];
  };
  const first = perm.map((_, i) => leading(perm.length - i)).find(isCopy) ?? perm;
  const rest = perm.map((dim) => first.indexOf(dim));
  return [
    first,
    ...transpositions(
      first.map((dim) => shape[dim]),
      rest,
    ),
  ];
}
