import type { Hint, Sized } from "./hints.ts";

/** What trials of one tune say of what drafts leave out: a candidate's row, and its cost over what the draft lets expect. */
export interface Lesson {
  readonly task: number;
  readonly row: readonly number[];
  readonly value: number;
}
/** Of all tasks of a tune, in the order of their outcomes. */
export interface Lessons {
  readonly all: Lesson[];
  /** How each task is best computed so far, where that is not its default. */
  readonly hints: Map<Sized, Hint>;
  tasks: number;
}
export function noLessons(): Lessons {
  return { all: [], hints: new Map(), tasks: 0 };
}
