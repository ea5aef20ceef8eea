import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { contentKey } from "../support/stable.ts";
import { compileFailed, compilerDoesNotStart, noNativeCompiler } from "./build-errors.ts";
import { cached, defaultCacheDir, store } from "./cache.ts";
import { findProgram } from "./toolchain.ts";

const SOURCE = "runtime-c/qemu/icount.c";
const FLAGS = ["-std=c11", "-O2", "-shared", "-fPIC"];

/** Builds (once) the plugin that counts instructions under this machine's qemu-user; returns its path. */
export async function buildCountingPlugin(
  emulator = "qemu-aarch64",
  cacheDir: string = defaultCacheDir(),
): Promise<string> {
  const cc = findProgram("gcc") ?? findProgram("cc");
  if (cc === undefined) throw noNativeCompiler(["gcc", "cc"]);
  const api = await pluginApi(emulator);
  const file = join(PACKAGE_ROOT, SOURCE);
  const args = [...FLAGS, `-DPLUGIN_API=${api}`];
  const key = contentKey({ text: await readFile(file, "utf8"), args, machine: process.arch });
  const known = await cached(cacheDir, "plugins", key);
  if (known !== undefined) return known;
  return store(cacheDir, "plugins", key, async (to) => {
    const result = await execa(cc, [...args, "-o", to, file], { reject: false, stdin: "ignore" });
    if (result.failed) throw compileFailed(SOURCE, PACKAGE_ROOT, cc, result.stderr);
  });
}

/** qemu 9 replaced the plugin interface's shared counters by one for each thread. */
async function pluginApi(emulator: string): Promise<1 | 2> {
  const result = await execa(emulator, ["--version"], { reject: false, stdin: "ignore" });
  const major = /version (\d+)\./.exec(result.stdout ?? "")?.[1];
  if (major === undefined) throw compilerDoesNotStart(emulator, "it prints no version");
  return Number(major) >= 9 ? 2 : 1;
}
