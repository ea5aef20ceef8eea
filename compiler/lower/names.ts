/** Names given out in one procedure, so that none of them means two things in C. */
export interface Names {
  /** `stem` and the first number that makes a new name. */
  readonly numbered: (stem: string) => string;
  /** Takes all of the names, unless one is taken already. */
  readonly take: (names: readonly string[]) => boolean;
}

/** @param reserved names there are already: parameters and loops */
export function makeNames(reserved: Iterable<string>): Names {
  const taken = new Set(reserved);
  const counters = new Map<string, number>();
  return {
    numbered: (stem) => {
      for (;;) {
        const n = counters.get(stem) ?? 0;
        counters.set(stem, n + 1);
        const name = `${stem}${n}`;
        if (taken.has(name)) continue;
        taken.add(name);
        return name;
      }
    },
    take: (names) => {
      if (names.some((name) => taken.has(name))) return false;
      for (const name of names) taken.add(name);
      return true;
    },
  };
}

/** What a pointer is called, without what tells it from others of its buffer. */
export function pointerStem(pointer: string): string {
  return pointer.replace(/_(p|near|far)\d*$/, "");
}

/** A name for a pointer made from another, and its number: where code is written out twice, the second would keep the first one's pointers. */
export function pointerFrom(
  pointer: string,
  kind: string,
  names: Names,
): { readonly name: string; readonly number: number } {
  const name = names.numbered(`${pointerStem(pointer)}_${kind}`);
  return { name, number: Number(/\d+$/.exec(name)?.[0]) };
}
