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

/** C303: a file the user named cannot be read. */
export function cannotRead(path: string, error: unknown): UserError {
  return new UserError({
    code: "C303",
    exit: "badInput",
    title: `cannot read \`${path}\``,
    why: error instanceof Error ? error.message : String(error),
  });
}

/** A file name for a tensor whose name comes from a model: no folders, nothing a shell or a file system minds. */
export function fileNameOf(tensor: string): string {
  return tensor.replace(/[^A-Za-z0-9_.-]/g, "_").replace(/^[.-]/, "_");
}
