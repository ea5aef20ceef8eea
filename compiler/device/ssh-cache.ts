import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { fileHash } from "../support/file-hash.ts";
import { sha256 } from "../support/stable.ts";
import type { BoardFiles } from "./ssh-files.ts";

/** Where Tilewright keeps things on a board, below the folder a login starts in. */
export interface BoardFolders {
  readonly cache: string;
  readonly runs: string;
  readonly lock: string;
}

export async function prepareFolders(files: BoardFiles): Promise<BoardFolders> {
  const cache = `${(await files.home()).replace(/\/$/, "")}/.cache/tilewright`;
  const runs = `${cache}/runs`;
  await files.ensureFolder(runs);
  return { cache, runs, lock: `${cache}/lock` };
}

/** The board's copy of a program, sent only when the board does not have it yet. Throws D121, D122. */
export async function cachedProgram(
  files: BoardFiles,
  folders: BoardFolders,
  localPath: string,
): Promise<string> {
  const { size } = await stat(localPath);
  const hash = await fileHash(localPath);
  return cached(files, folders, hash, size, (path) => files.send(localPath, path, 0o700, size));
}

/** The same for a short text that the board's shell runs. */
export async function cachedScript(files: BoardFiles, folders: BoardFolders, text: string): Promise<string> {
  const data = Buffer.from(text);
  return cached(files, folders, sha256(data), data.length, (path) => files.write(path, data, 0o600));
}

/**
 * A file under its content's hash is complete: it is written under another name, flushed, measured and
 * only then renamed, so neither a lost connection nor a power cut leaves half of one.
 */
async function cached(
  files: BoardFiles,
  folders: BoardFolders,
  hash: string,
  size: number,
  upload: (path: string) => Promise<void>,
): Promise<string> {
  const path = `${folders.cache}/${hash}`;
  const there = await files.size(path);
  if (there === size) return path;
  const fresh = `${folders.cache}/.new-${randomBytes(8).toString("hex")}`;
  try {
    await upload(fresh);
    await files.flush(fresh);
    if ((await files.size(fresh)) !== size) throw new Error("the file arrived incomplete");
    if (there !== undefined) await files.remove(path);
    await files.rename(fresh, path);
  } catch (error) {
    await files.remove(fresh).catch(() => {});
    // Another run may have sent the same file meanwhile: sftp's rename does not replace.
    if ((await files.size(path)) !== size) throw error;
  }
  return path;
}
