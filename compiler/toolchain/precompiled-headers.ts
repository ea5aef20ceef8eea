import { access, appendFile, mkdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { contentKey } from "../support/stable.ts";
import { runCompiler } from "./run-compiler.ts";
import type { Toolchain } from "./toolchain.ts";

/**
 * Headers as the compiler keeps them once it has read them, about 25 MB: arm_neon.h takes gcc longer than the kernel that
 * includes it. They bring the flags they were made with along, so others need their own.
 */
export interface Headers {
  readonly toolchain: Toolchain;
  /** Lines of C. */
  readonly includes: readonly string[];
  readonly flags: readonly string[];
  /** The cache's. */
  readonly folder: string;
}

/**
 * What `-include` names, when it has been made: the headers' text, beside which gcc looks for the other and takes it
 * if it is its own.
 */
export async function precompiled(headers: Headers): Promise<string | undefined> {
  const text = textFile(headers);
  const now = new Date();
  try {
    await access(compiledFile(text));
    // Only a hint for pruning.
    await utimes(compiledFile(text), now, now).catch(() => {});
    return text;
  } catch {
    return undefined;
  }
}

/** How many files have asked for headers that are not there, so many now among them, as far as the cache can remember. */
export async function askedFor(headers: Headers, files: number): Promise<number> {
  const tally = tallyFile(textFile(headers));
  try {
    await mkdir(dirname(tally), { recursive: true });
    await appendFile(tally, ".".repeat(files));
    return (await stat(tally)).size;
  } catch {
    return files;
  }
}

/** What this process is making, by its text's path: builds beside each other wait for one of them. */
const making = new Map<string, Promise<void>>();

/** Makes them for the next time. Files take their places only when complete; where that fails there are none. */
export function precompile(headers: Headers): Promise<void> {
  const text = textFile(headers);
  const made = making.get(text) ?? make(headers).finally(() => making.delete(text));
  making.set(text, made);
  return made;
}

/** Forgets headers that a file could not be compiled with, but without: damaged ones would cost each file that. */
export async function forget(text: string): Promise<void> {
  for (const path of [compiledFile(text), tallyFile(text)]) await rm(path, { force: true }).catch(() => {});
}

async function make(headers: Headers): Promise<void> {
  const { toolchain, includes, flags } = headers;
  const text = textFile(headers);
  const newText = `${text}.${process.pid}.tmp`;
  const newCompiled = `${compiledFile(text)}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(text), { recursive: true });
    await writeFile(newText, `${includes.join("\n")}\n`);
    const { failed } = await runCompiler(toolchain, [...flags, "-x", "c-header", "-o", newCompiled, newText]);
    if (failed) return;
    await rename(newText, text);
    await rename(newCompiled, compiledFile(text));
  } catch {
    // A cache that cannot be written is none.
  } finally {
    for (const path of [newText, newCompiled]) await rm(path, { force: true }).catch(() => {});
  }
}

function textFile({ toolchain, includes, flags, folder }: Headers): string {
  const key = contentKey({ includes, flags, fingerprint: toolchain.fingerprint });
  return resolve(folder, "headers", `${key}.h`);
}

function tallyFile(text: string): string {
  return `${text}.asked`;
}

/** Where gcc looks. */
function compiledFile(text: string): string {
  return `${text}.gch`;
}
