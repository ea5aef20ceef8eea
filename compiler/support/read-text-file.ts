import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/**
 * A file that somebody else may have written, to be read. What is no regular file is refused: a pipe or a device may never end.
 * Throws plain errors, whose words are for the `why` of a diagnostic; that of the system keeps its code (`ENOENT`).
 */
export async function openTextFile(path: string, mostBytes: number): Promise<FileHandle> {
  // Opening a pipe would wait for who writes it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new Error(info.isDirectory() ? "it is a folder, no file" : "it is no file");
    if (info.size > mostBytes) throw new Error(`it has ${info.size} bytes, the limit is ${mostBytes}`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Its text, without a byte order mark. Throws what `openTextFile` does. */
export async function readTextFile(path: string, mostBytes: number): Promise<string> {
  const file = await openTextFile(path, mostBytes);
  try {
    return (await file.readFile("utf8")).replace(/^\ufeff/, "");
  } finally {
    await file.close();
  }
}
