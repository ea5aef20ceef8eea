import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const HASH_BYTES = 32;

/** What a file of the cache holds, where it is whole: it begins with the hash of the rest, and a hit is marked as used now. */
export function readEntry(path: string): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    const data = bytes.subarray(HASH_BYTES);
    if (!hashOf(data).equals(bytes.subarray(0, HASH_BYTES))) return undefined;
    const now = new Date();
    utimesSync(path, now, now);
    return data;
  } catch {
    return undefined;
  }
}

/** Takes its place only when complete. A cache that cannot be written costs time, and nothing else. */
export function keepEntry(path: string, data: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, Buffer.concat([hashOf(data), data]));
    renameSync(temporary, path);
  } catch {
    discard(temporary);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing can be removed nothing was written.
  }
}

function hashOf(data: Uint8Array): Buffer {
  return createHash("sha256").update(data).digest();
}
