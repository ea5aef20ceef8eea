/**
 * Jobs and answers lie in a queue as text: a server that takes JSON for its own may put an object's keys into another order,
 * which is an order of loops where a task's sizes are concerned, and does not take every character.
 */
export function queueWords(value: unknown): string {
  return JSON.stringify(value);
}

/** What a queue's text says; undefined: it says nothing. */
export function readWords(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
