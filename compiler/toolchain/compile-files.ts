import { join } from "node:path";
import pLimit from "p-limit";
import type { BundleMetadata } from "../artifact/bundle.ts";
import { fileHash } from "../support/file-hash.ts";
import { contentKey } from "../support/stable.ts";
import {
  buildInterrupted,
  cannotWrite,
  compileFailed,
  linkFailed,
  notABundle,
  saysDiskFull,
} from "./build-errors.ts";
import { cached, store } from "./cache.ts";
import { INCLUDE_FOLDERS, textWithHeaders } from "./includes.ts";
import { sourceFlags } from "./intent-flags.ts";
import { forget } from "./precompiled-headers.ts";
import { runCompiler } from "./run-compiler.ts";
import { sharedHeaders } from "./shared-headers.ts";
import type { Toolchain } from "./toolchain.ts";

/** One bundle under compilation. */
export interface Build {
  readonly bundle: string;
  readonly metadata: BundleMetadata;
  readonly toolchain: Toolchain;
  /** Absolute. */
  readonly cacheDir: string;
  /** Flags that the compiler does not know. */
  readonly unknown: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
}
export type Source = BundleMetadata["sources"][number];
export interface ObjectFile {
  readonly path: string;
  /** It was in the cache. */
  readonly hit: boolean;
}

/** Assembler files hold the weights: too large to keep twice, and assembled in no time when linking. */
export function isAssembler({ file }: Source): boolean {
  return file.endsWith(".S");
}

/** Hash of everything that goes into a source's object. */
export async function sourceKey(build: Build, source: Source): Promise<string> {
  const { bundle, metadata, toolchain } = build;
  const { fingerprint } = toolchain;
  try {
    const texts = await textWithHeaders(bundle, source.file);
    if (!isAssembler(source)) return contentKey({ texts, fingerprint, flags: flags(build, source) });
    const weights = await fileHash(join(bundle, "weights", `${metadata.program}.bin`));
    return contentKey({ texts, weights, fingerprint });
  } catch {
    throw notABundle(bundle, `${source.file}, or something it includes, cannot be read`);
  }
}

/** Compiles what the cache lacks. After a failure nothing new is started and what runs is stopped. */
export async function compileAll(
  build: Build,
  sources: readonly { readonly source: Source; readonly key: string }[],
  jobs: number,
  report: (file: string, hit: boolean) => void,
): Promise<ObjectFile[]> {
  const stop = new AbortController();
  const signal = build.signal === undefined ? stop.signal : AbortSignal.any([build.signal, stop.signal]);
  const limit = pLimit(jobs);
  const found = await Promise.all(
    sources.map(({ key }) => limit(() => cached(build.cacheDir, "objects", key))),
  );
  const missing = sources.flatMap(({ source }, i) => (found[i] === undefined ? [source] : []));
  const headers = await sharedHeaders(
    build.bundle,
    missing.map((source) => ({ file: source.file, flags: flags(build, source) })),
    build.toolchain,
    build.cacheDir,
  );
  const objectOf = async (source: Source, key: string, known: string | undefined): Promise<ObjectFile> => {
    if (signal.aborted) throw buildInterrupted();
    const make = (to: string): Promise<void> =>
      compile({ ...build, signal }, source, headers.get(source.file), to);
    const path = known ?? (await store(build.cacheDir, "objects", key, make));
    report(source.file, known !== undefined);
    return { path, hit: known !== undefined };
  };
  const work = sources.map(({ source, key }, i) => limit(() => objectOf(source, key, found[i])));
  try {
    return await Promise.all(work);
  } catch (error) {
    stop.abort();
    // Compilers must be gone before the caller may remove their folder.
    await Promise.allSettled(work);
    throw error;
  }
}

function flags({ metadata, toolchain, unknown }: Build, source: Source): string[] {
  const wanted = [...metadata.cflags, ...sourceFlags(toolchain, source)];
  const known = wanted.filter((flag) => !unknown.has(flag));
  return [...known, ...INCLUDE_FOLDERS.map((folder) => `-I${folder}`)];
}

/** `headers`: what comes ahead of the text, and is there once more if anything is wrong with it. */
async function compile(build: Build, source: Source, headers: string | undefined, to: string): Promise<void> {
  const own = isAssembler(source) ? [] : flags(build, source);
  const args = [...own, "-c", "-o", to, source.file];
  if (headers !== undefined) {
    const fast = await runInBundle(build, ["-include", headers, ...args]);
    if (fast === undefined) return;
  }
  const said = await runInBundle(build, args);
  if (said !== undefined) throw compileFailed(source.file, build.bundle, build.toolchain.command, said);
  if (headers !== undefined) await forget(headers);
}

/** Static: a board's C library may be older than the compiler's. Stripped: half the bytes to send. */
export const LINK = { before: ["-static", "-s"], after: ["-lm", "-pthread"] };

/** Names that stand for others. */
export type Aliases = Readonly<Record<string, string>>;

/** Links objects (absolute paths) and assembler files (relative to the bundle) to one program. */
export async function link(
  build: Build,
  files: readonly string[],
  to: string,
  aliases: Aliases = {},
): Promise<void> {
  const named = Object.entries(aliases).map(([alias, name]) => `-Wl,--defsym=${alias}=${name}`);
  const said = await runInBundle(build, [...LINK.before, "-o", to, ...files, ...named, ...LINK.after]);
  if (said === undefined) return;
  throw linkFailed(build.metadata.program, build.bundle, build.toolchain.command, said);
}

/**
 * Runs the compiler in the bundle's folder, so that nothing in its output depends on where that is.
 * Returns what it said when it failed.
 */
async function runInBundle(build: Build, args: readonly string[]): Promise<string | undefined> {
  const result = await runCompiler(build.toolchain, args, { cwd: build.bundle, signal: build.signal });
  if (result.stopped) throw buildInterrupted();
  if (!result.failed) return undefined;
  if (saysDiskFull(result.stderr)) throw cannotWrite(build.cacheDir, "no space left on device");
  return result.stderr || result.why;
}
