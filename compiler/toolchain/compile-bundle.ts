import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Target } from "../machine/target.schema.ts";
import { defaultCacheDir } from "../support/cache-folder.ts";
import { contentKey } from "../support/stable.ts";
import { cached, copyOut, prune, store } from "./cache.ts";
import {
  type Aliases,
  type Build,
  compileAll,
  isAssembler,
  LINK,
  link,
  type ObjectFile,
  type Source,
  sourceKey,
} from "./compile-files.ts";
import { sourceFlags } from "./intent-flags.ts";
import { unknownFlags } from "./known-flags.ts";
import { readMetadata } from "./read-metadata.ts";
import { findToolchain, type Toolchain } from "./toolchain.ts";

export { readMetadata };

export interface BuildOptions {
  /** C compilers at a time. */
  readonly jobs?: number;
  readonly cacheDir?: string;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
  readonly toolchain?: Toolchain;
  /**
   * The program is run once and not kept, of a bundle without weights of its own; by other names for its functions, what lies
   * around a kernel may be the same for all.
   */
  readonly once?: { readonly aliases: Aliases };
}
/** `file` has just been compiled or found; `done` of `total` steps are over, linking is the last. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
  readonly file: string;
  readonly cached: boolean;
}
export interface BuiltBundle {
  /** Absolute path of a static executable. */
  readonly program: string;
  readonly toolchain: Toolchain;
  /** C files compiled now, and C files found in the cache. */
  readonly compiledFiles: number;
  readonly cacheHits: number;
}

/** Compiles some of a bundle's C files and links nothing. Returns each one's object file. Throws B101 to B109. */
export async function compileObjects(
  bundle: string,
  target: Target,
  files: readonly string[],
  options: BuildOptions = {},
): Promise<readonly string[]> {
  const build = await openBuild(bundle, target, options);
  const wanted = build.metadata.sources.filter(({ file }) => files.includes(file));
  const objects = await compileAll(build, await keyed(build, wanted), options.jobs ?? 2, () => {});
  return files.map((file) => objects[wanted.findIndex((source) => source.file === file)].path);
}

async function openBuild(bundle: string, target: Target, options: BuildOptions): Promise<Build> {
  const metadata = await readMetadata(bundle);
  const toolchain = options.toolchain ?? (await findToolchain(target));
  const cacheDir = resolve(options.cacheDir ?? defaultCacheDir());
  const flags = [...metadata.cflags, ...metadata.sources.flatMap((source) => sourceFlags(toolchain, source))];
  const unknown = await unknownFlags(toolchain, flags, options.signal);
  return { bundle, metadata, toolchain, cacheDir, unknown, signal: options.signal };
}

function keyed(
  build: Build,
  sources: readonly Source[],
): Promise<{ readonly source: Source; readonly key: string }[]> {
  return Promise.all(sources.map(async (source) => ({ source, key: await sourceKey(build, source) })));
}

/**
 * Compiles a bundle's program to `<bundle>/build/<name>`. Each object is kept under the hash of all
 * that goes into it, and so is the program: building again copies one file. Throws B101 to B109.
 */
export async function buildBundle(
  bundle: string,
  target: Target,
  options: BuildOptions = {},
): Promise<BuiltBundle> {
  const build = await openBuild(bundle, target, options);
  const { metadata, toolchain, cacheDir } = build;
  const program = resolve(bundle, "build", metadata.program);

  const sources = await keyed(build, metadata.sources);
  if (options.once !== undefined) return buildOnce(build, sources, program, options);
  const compiled = sources.filter(({ source }) => !isAssembler(source));
  const assembled = sources.flatMap(({ source }) => (isAssembler(source) ? [source.file] : []));
  const keys = sources.map(({ key }) => key);
  const programKey = contentKey({ keys, fingerprint: toolchain.fingerprint, link: LINK });

  const total = compiled.length + 1;
  const known = await cached(cacheDir, "programs", programKey);
  if (known !== undefined) {
    options.onProgress?.({ done: total, total, file: metadata.program, cached: true });
    await copyOut(known, program);
    return { program, toolchain, compiledFiles: 0, cacheHits: compiled.length };
  }

  let done = 0;
  const report = (file: string, hit: boolean): void => {
    done += 1;
    options.onProgress?.({ done, total, file, cached: hit });
  };
  const objects = await compileAll(build, compiled, options.jobs ?? 2, report);
  const files = [...objects.map((object) => object.path), ...assembled];
  const linked = await store(cacheDir, "programs", programKey, (to) => link(build, files, to));
  report(metadata.program, false);
  await copyOut(linked, program);
  await prune(cacheDir);
  return { program, toolchain, ...counted(objects) };
}

function counted(objects: readonly ObjectFile[]): Pick<BuiltBundle, "compiledFiles" | "cacheHits"> {
  const cacheHits = objects.filter((object) => object.hit).length;
  return { compiledFiles: objects.length - cacheHits, cacheHits };
}

/** Links like other builds, assembler files last; the cache is pruned by builds that keep their programs. */
async function buildOnce(
  build: Build,
  sources: Awaited<ReturnType<typeof keyed>>,
  program: string,
  { jobs = 2, once }: BuildOptions,
): Promise<BuiltBundle> {
  const ordered = sources.toSorted((a, b) => Number(isAssembler(a.source)) - Number(isAssembler(b.source)));
  const objects = await compileAll(build, ordered, jobs, () => {});
  await mkdir(dirname(program), { recursive: true });
  await link(
    build,
    objects.map(({ path }) => path),
    program,
    once?.aliases,
  );
  return { program, toolchain: build.toolchain, ...counted(objects) };
}
