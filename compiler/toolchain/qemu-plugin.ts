import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultCacheDir } from "../support/cache-folder.ts";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { contentKey } from "../support/stable.ts";
import { compileFailed, compilerDoesNotStart, emulatorTooNew, noNativeCompiler } from "./build-errors.ts";
import { kept } from "./cache.ts";
import { runProgram } from "./run-program.ts";
import { findProgram } from "./toolchain.ts";

const FOLDER = "runtime-c/qemu";
const FLAGS = ["-std=c11", "-O2", "-shared", "-fPIC"];
const CYCLES = {
  sources: ["a64.c", "caches.c", "cycles.c", "pipeline.c"],
  headers: ["a64.h", "caches.h", "pipeline.h"],
};

/** Builds (once) the plugin that counts instructions under this machine's qemu-user; returns its path. */
export async function buildCountingPlugin(
  emulator: string,
  cacheDir: string = defaultCacheDir(),
): Promise<string> {
  const api = await pluginApi(emulator);
  return buildPlugin({ sources: ["icount.c"], headers: [] }, [`-DPLUGIN_API=${api}`], cacheDir);
}

/** Builds (once) the plugin that models cycles, with `defines` of a test. Throws B113 for a qemu it is not written for. */
export async function buildCyclesPlugin(
  emulator: string,
  cacheDir: string = defaultCacheDir(),
  defines: readonly string[] = [],
): Promise<string> {
  if ((await pluginApi(emulator)) !== 1) throw emulatorTooNew(emulator);
  return buildPlugin(CYCLES, defines, cacheDir);
}

async function buildPlugin(
  { sources, headers }: { readonly sources: readonly string[]; readonly headers: readonly string[] },
  defines: readonly string[],
  cacheDir: string,
): Promise<string> {
  const cc = findProgram("gcc") ?? findProgram("cc");
  if (cc === undefined) throw noNativeCompiler(["gcc", "cc"]);
  const args = [...FLAGS, ...defines];
  const text = await Promise.all(
    [...sources, ...headers].map((name) => readFile(join(PACKAGE_ROOT, FOLDER, name), "utf8")),
  );
  const key = contentKey({ text, args, machine: process.arch });
  return kept(cacheDir, "plugins", key, async (to) => {
    const files = sources.map((name) => join(PACKAGE_ROOT, FOLDER, name));
    const result = await runProgram(cc, [...args, "-o", to, ...files]);
    if (result.failed) throw compileFailed(`${FOLDER}/${sources.join(" ")}`, PACKAGE_ROOT, cc, result.stderr);
  });
}

/** qemu 9 replaced the plugin interface's shared counters by one for each thread. */
async function pluginApi(emulator: string): Promise<1 | 2> {
  const result = await runProgram(emulator, ["--version"]);
  const major = /version (\d+)\./.exec(result.stdout)?.[1];
  if (major === undefined) throw compilerDoesNotStart(emulator, "it prints no version");
  return Number(major) >= 9 ? 2 : 1;
}
