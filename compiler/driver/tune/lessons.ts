/** What trials of one tune say of what drafts leave out: a candidate's row, and its cost over what the draft lets expect. */
export interface Lesson {
  readonly task: number;
  readonly row: readonly number[];
  readonly value: number;
}
/** Of all tasks of a tune, in the order of their outcomes. */
export interface Lessons {
  readonly all: Lesson[];
  tasks: number;
}
export function noLessons(): Lessons {
  return { all: [], tasks: 0 };
}
