import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { dirname, resolve } from "node:path";
import { Script } from "node:vm";
import { sha256 } from "./stable.ts";

/** Bytes of a file below which compiling is faster than looking it up. */
const LARGE = 100_000;
/** What V8 made is for the same V8 only. */
const MADE_BY = `${process.version} ${process.arch}`;

/**
 * Loads a CommonJS package, its large files as V8 compiled them the last time. Node 22 can do that by itself
 * (`module.enableCompileCache`), Node 20 cannot. A cache that is missing, damaged or read-only costs time only.
 *
 * @param from the `import.meta.url` of the asking module
 * @param folder the cache's
 */
export function compiledRequire(name: string, from: string, folder: string): unknown {
  const require = createRequire(from);
  const plain = require.extensions[".js"];
  const unknown: Compiled[] = [];
  require.extensions[".js"] = (module, file) => {
    const text = readFileSync(file);
    if (text.length < LARGE) return plain(module, file);
    const compiled = runFile(module, file, text, folder);
    if (!compiled.known) unknown.push(compiled);
  };
  try {
    return require(name);
  } finally {
    require.extensions[".js"] = plain;
    // Not at once: a function is compiled when it is first called, and those of the first use belong to it.
    if (unknown.length > 0) setImmediate(() => unknown.forEach(keep));
  }
}

interface Compiled {
  readonly script: Script;
  /** Path of its entry in the cache. */
  readonly entry: string;
  readonly known: boolean;
}

/** Runs a file as `require` does. */
function runFile(module: Module, file: string, text: Buffer, folder: string): Compiled {
  const entry = resolve(folder, "code", sha256(`${MADE_BY} ${sha256(text)}`));
  const cachedData = readEntry(entry);
  const script = new Script(Module.wrap(text.toString()), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const run: unknown = script.runInThisContext();
  if (typeof run === "function") run(module.exports, createRequire(file), module, file, dirname(file));
  return { script, entry, known: cachedData !== undefined && script.cachedDataRejected !== true };
}

const HASH_BYTES = 32;

/** An entry begins with the hash of the rest: V8 trusts what it is given. */
function readEntry(entry: string): Buffer | undefined {
  try {
    const bytes = readFileSync(entry);
    const data = bytes.subarray(HASH_BYTES);
    if (!hashOf(data).equals(bytes.subarray(0, HASH_BYTES))) return undefined;
    const now = new Date();
    utimesSync(entry, now, now);
    return data;
  } catch {
    return undefined;
  }
}

/** Takes its place only when complete. */
function keep({ script, entry }: Compiled): void {
  const temporary = `${entry}.${process.pid}.tmp`;
  try {
    const data = script.createCachedData();
    mkdirSync(dirname(entry), { recursive: true });
    writeFileSync(temporary, Buffer.concat([hashOf(data), data]));
    renameSync(temporary, entry);
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
