import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import pLimit from "p-limit";
import { type BundleMetadata, bundleSchema } from "../artifact/bundle.ts";
import { contentKey, sha256 } from "../support/stable.ts";
import type { Target } from "../target/target.schema.ts";
import { buildInterrupted, compileFailed, linkFailed, notABundle } from "./build-errors.ts";
import { cached, copyOut, defaultCacheDir, store } from "./cache.ts";
import { INCLUDE_FOLDERS, textWithHeaders } from "./includes.ts";
import { findToolchain, type Toolchain } from "./toolchain.ts";

export interface BuildOptions {
  /** C compilers at a time. */
  readonly jobs?: number;
  readonly cacheDir?: string;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
  readonly toolchain?: Toolchain;
}
/** `file` has just been compiled or found; `done` of `total` steps are over, linking is the last. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
  readonly file: string;
  readonly cached: boolean;
}
export interface BuiltBundle {
  /** Path of a static executable. */
  readonly program: string;
  readonly toolchain: Toolchain;
  /** C files compiled now, and C files found in the cache. */
  readonly compiledFiles: number;
  readonly cacheHits: number;
}

type Source = BundleMetadata["sources"][number];
interface Build {
  readonly bundle: string;
  readonly metadata: BundleMetadata;
  readonly toolchain: Toolchain;
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compiles a bundle's program to `<bundle>/build/<name>`. Each object is kept under the hash of all
 * that goes into it, and so is the program: building again copies one file.
 */
export async function buildBundle(
  bundle: string,
  target: Target,
  options: BuildOptions = {},
): Promise<BuiltBundle> {
  const metadata = await readMetadata(bundle);
  const toolchain = options.toolchain ?? (await findToolchain(target));
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const build: Build = { bundle, metadata, toolchain, cacheDir, signal: options.signal };
  const program = join(bundle, "build", metadata.program);
  const total = metadata.sources.length + 1;
  let done = 0;
  const report = (file: string, hit: boolean): void => {
    done += 1;
    options.onProgress?.({ done, total, file, cached: hit });
  };

  const keys = await Promise.all(metadata.sources.map((source) => sourceKey(build, source)));
  const programKey = contentKey({ kind: "program", keys, fingerprint: toolchain.fingerprint, link: LINK });
  let linked = await cached(cacheDir, "programs", programKey);
  let cacheHits = metadata.sources.length;
  if (linked === undefined) {
    const objects = await compileAll(build, keys, options.jobs ?? 2, report);
    cacheHits = objects.filter((object) => object.hit).length;
    linked = await store(cacheDir, "programs", programKey, (path) =>
      link(
        build,
        objects.map((object) => object.path),
        path,
      ),
    );
    report(metadata.program, false);
  } else {
    done = total - 1;
    report(metadata.program, true);
  }
  await copyOut(linked, program);
  return { program, toolchain, compiledFiles: metadata.sources.length - cacheHits, cacheHits };
}

/** metadata.json of a bundle's folder. */
export async function readMetadata(bundle: string): Promise<BundleMetadata> {
  let text: string;
  try {
    text = await readFile(join(bundle, "metadata.json"), "utf8");
  } catch {
    throw notABundle(bundle, "it holds no metadata.json");
  }
  try {
    return bundleSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw notABundle(bundle, `its metadata.json cannot be used: ${reason}`);
  }
}

function flags({ metadata }: Build, source: Source): string[] {
  return [...metadata.cflags, ...source.cflags, ...INCLUDE_FOLDERS.map((folder) => `-I${folder}`)];
}

async function sourceKey(build: Build, source: Source): Promise<string> {
  const { bundle, metadata, toolchain } = build;
  const texts = await textWithHeaders(bundle, source.file);
  const weights = source.file.endsWith(".S")
    ? sha256(await readFile(join(bundle, "weights", `${metadata.program}.bin`)))
    : "";
  return contentKey({ texts, weights, fingerprint: toolchain.fingerprint, flags: flags(build, source) });
}

interface ObjectFile {
  readonly path: string;
  readonly hit: boolean;
}

/** Compiles what the cache lacks. After a failure nothing new is started and what runs is stopped. */
async function compileAll(
  build: Build,
  keys: readonly string[],
  jobs: number,
  report: (file: string, hit: boolean) => void,
): Promise<ObjectFile[]> {
  const stop = new AbortController();
  const signal = build.signal === undefined ? stop.signal : AbortSignal.any([build.signal, stop.signal]);
  const limit = pLimit(jobs);
  const compileOne = async (source: Source, key: string): Promise<ObjectFile> => {
    const known = await cached(build.cacheDir, "objects", key);
    const path =
      known ??
      (await store(build.cacheDir, "objects", key, (to) => compile({ ...build, signal }, source, to)));
    report(source.file, known !== undefined);
    return { path, hit: known !== undefined };
  };
  const work = build.metadata.sources.map((source, i) =>
    limit(async () => {
      if (signal.aborted) throw buildInterrupted();
      return compileOne(source, keys[i]);
    }),
  );
  try {
    return await Promise.all(work);
  } catch (error) {
    stop.abort();
    // Compilers must be gone before the caller may remove their folder.
    await Promise.allSettled(work);
    throw error;
  }
}

async function compile(build: Build, source: Source, to: string): Promise<void> {
  const result = await runCompiler(build, [...flags(build, source), "-c", "-o", to, source.file]);
  if (result !== undefined) throw compileFailed(source.file, build.bundle, build.toolchain.command, result);
}

/** Static: a board's C library may be older than the compiler's. Stripped: half the bytes to send. */
const LINK = { before: ["-static", "-s"], after: ["-lm", "-pthread"] };

async function link(build: Build, objects: readonly string[], to: string): Promise<void> {
  const result = await runCompiler(build, [...LINK.before, "-o", to, ...objects, ...LINK.after]);
  if (result !== undefined) {
    throw linkFailed(build.metadata.program, build.bundle, build.toolchain.command, result);
  }
}

/** Runs the compiler in the bundle's folder, so that no path in its output depends on where that is. Returns what it said if it failed. */
async function runCompiler(build: Build, args: readonly string[]): Promise<string | undefined> {
  const result = await execa(build.toolchain.cc, args, {
    cwd: build.bundle,
    stdin: "ignore",
    reject: false,
    env: { LC_ALL: "C" },
    ...(build.signal === undefined ? {} : { cancelSignal: build.signal }),
  });
  if (result.isCanceled) throw buildInterrupted();
  if (!result.failed) return undefined;
  return result.stderr || result.shortMessage || "it failed without a message";
}
