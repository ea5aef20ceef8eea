import { InternalError } from "./diagnostic.ts";

/** States what must hold; a failure is a bug in Tilewright, never the user's. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** The value, which the caller knows to be there. */
export function defined<T>(value: T | undefined | null, what: string): T {
  invariant(value !== undefined && value !== null, `${what} is missing`);
  return value;
}

/** Closes a switch over a union: a new case does not compile until it is handled. */
export function assertNever(value: never): never {
  throw new InternalError(`unhandled case ${JSON.stringify(value)}`);
}
