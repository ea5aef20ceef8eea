import { readFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { dirname, resolve } from "node:path";
import { Script } from "node:vm";
import { keepEntry, readEntry } from "./kept-entry.ts";
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

/** The script as V8 compiled it. */
function keep({ script, entry }: Compiled): void {
  let data: Buffer;
  try {
    data = script.createCachedData();
  } catch {
    return;
  }
  keepEntry(entry, data);
}
