import { lstat, realpath, rename, rm, writeFile } from "node:fs/promises";
import { UserError } from "./diagnostic.ts";

/**
 * Writes a file the user named, so that it holds the old contents or the new ones and never a part (disk full,
 * ctrl-C). What is no plain file (`/dev/stdout`, a pipe) is written as it is. Throws C302.
 */
export async function writeWhole(path: string, contents: string | Uint8Array): Promise<void> {
  try {
    const real = await realpath(path).catch(() => path);
    const info = await lstat(real).catch(() => undefined);
    if (info !== undefined && !info.isFile()) await writeFile(real, contents);
    else await replace(real, contents);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

async function replace(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.${count++}.tmp`;
  try {
    await writeFile(temporary, contents);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Of temporary names: one file may be written twice at once. */
let count = 0;

/** C302: a file or folder the user named cannot be written. */
export function cannotWrite(path: string, error: unknown): UserError {
  return new UserError({
    code: "C302",
    exit: "usage",
    title: `cannot write \`${path}\``,
    // Node names the temporary file.
    why: (error instanceof Error ? error.message : String(error)).replaceAll(/\.\d+\.\d+\.tmp/g, ""),
  });
}
