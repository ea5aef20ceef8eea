import { constants } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileHash } from "../support/file-hash.ts";
import { cannotWrite } from "./build-errors.ts";

/**
 * A cached file by its content key, or undefined. A hit is marked as used now. An entry's name ends with the hash
 * of what it holds: one that a power cut left empty, or a disk damaged, is none.
 */
export async function cached(folder: string, kind: string, key: string): Promise<string | undefined> {
  const base = entryPath(folder, kind, key);
  const names = await readdir(dirname(base)).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(`${basename(base)}.`))) {
    const path = join(dirname(base), name);
    const hash = await contentHash(path).catch(() => undefined);
    if (hash === undefined || path !== `${base}.${hash}`) continue;
    const now = new Date();
    // Only a hint for pruning; a read-only cache is still a cache.
    await utimes(path, now, now).catch(() => {});
    return path;
  }
  return undefined;
}

async function contentHash(path: string): Promise<string> {
  return (await fileHash(path)).slice(0, 16);
}

/**
 * Makes an entry: `make` writes the file it is given, which takes its place only when complete, so
 * that neither a crash nor a second process ever shows half an entry.
 */
export async function store(
  folder: string,
  kind: string,
  key: string,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const base = entryPath(folder, kind, key);
  const temporary = `${base}.${process.pid}.${counter++}.tmp`;
  try {
    await writing(folder, () => mkdir(dirname(base), { recursive: true }));
    await make(temporary);
    const path = `${base}.${await contentHash(temporary)}`;
    await writing(folder, () => rename(temporary, path));
    return path;
  } finally {
    await discard(temporary);
  }
}
let counter = 0;

/** The entry of a key, made where there is none. */
export async function kept(
  folder: string,
  kind: string,
  key: string,
  make: (path: string) => Promise<void>,
): Promise<string> {
  return (await cached(folder, kind, key)) ?? (await store(folder, kind, key, make));
}

/** Copies an entry out; a later change of the copy leaves the cache alone. */
export async function copyOut(entry: string, to: string): Promise<void> {
  const temporary = `${to}.${process.pid}.${counter++}.tmp`;
  try {
    await writing(dirname(to), async () => {
      await mkdir(dirname(to), { recursive: true });
      await copyFile(entry, temporary, constants.COPYFILE_FICLONE);
      await rename(temporary, to);
    });
  } finally {
    await discard(temporary);
  }
}

async function writing(path: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw cannotWrite(path, error instanceof Error ? error.message : String(error));
  }
}

/** Programs hold their network's weights, so a cache without a limit would fill a disk in a week. */
const CACHE_BYTES = 4 * 2 ** 30;
/** Entries another process may be about to use. */
const UNTOUCHED_MS = 60 * 60 * 1000;

/** Removes the entries unused for longest until the cache is below its limit. */
export async function prune(folder: string, limit: number = CACHE_BYTES, now = Date.now()): Promise<void> {
  const entries = await listEntries(folder);
  let total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const { path, bytes, usedMs } of entries.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= limit || now - usedMs < UNTOUCHED_MS) return;
    await discard(path);
    total -= bytes;
  }
}

async function listEntries(folder: string) {
  const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const stats = all
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      // It may have gone in the meantime.
      const info = await stat(path).catch(() => undefined);
      return info === undefined ? [] : [{ path, bytes: info.size, usedMs: info.mtimeMs }];
    });
  return (await Promise.all(stats)).flat();
}

/** Clearing up must not hide why it was needed. */
async function discard(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

function entryPath(folder: string, kind: string, key: string): string {
  return join(folder, kind, key.slice(0, 2), key.slice(2));
}
