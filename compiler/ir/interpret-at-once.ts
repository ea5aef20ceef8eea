import type { TypedArray } from "./dtype.ts";

/** An element that an iteration writes, as it was before. */
interface Noted {
  readonly data: TypedArray;
  readonly at: number;
  readonly old: number;
}

/** What the iteration that runs has written so far; undefined outside of loops that start at once. */
export interface Journal {
  noted: Noted[] | undefined;
}

/** Notes an element that is about to be written. */
export function note({ noted }: Journal, data: TypedArray, at: number): void {
  noted?.push({ data, at, old: data[at] });
}

/**
 * Runs each iteration on memory as it was before the loop, and keeps what any of them changed. Iterations note each
 * element that they write.
 */
export function runAtOnce(extent: number, iteration: (i: number) => void, journal: Journal): void {
  const around = journal.noted;
  const changed: { readonly data: TypedArray; readonly at: number; readonly value: number }[] = [];
  for (let i = 0; i < extent; i++) {
    const noted: Noted[] = [];
    journal.noted = noted;
    iteration(i);
    const written = noted.map(({ data, at }) => ({ data, at, value: data[at] }));
    for (const { data, at, old } of noted.reverse()) data[at] = old;
    for (const last of written) if (!Object.is(last.data[last.at], last.value)) changed.push(last);
  }
  journal.noted = around;
  for (const { data, at, value } of changed) {
    note(journal, data, at);
    data[at] = value;
  }
}
