import { UserError } from "../support/diagnostic.ts";

/** C302: a file or folder the user named cannot be written. */
export function cannotWrite(path: string, error: unknown): UserError {
  return new UserError({
    code: "C302",
    exit: "usage",
    title: `cannot write \`${path}\``,
    why: error instanceof Error ? error.message : String(error),
  });
}
