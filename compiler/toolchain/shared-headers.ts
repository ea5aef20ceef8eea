import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { askedFor, type Headers, precompile, precompiled } from "./precompiled-headers.ts";
import type { Toolchain } from "./toolchain.ts";

/** A C file to be compiled. */
export interface HeaderUser {
  /** Path inside the bundle. */
  readonly file: string;
  readonly flags: readonly string[];
}

/** Making headers takes as long as reading them for so many files, of one build or of one after another. */
const WORTH_FILES = 5;

/**
 * What `-include` names for each of some files of a bundle, where the headers that it begins with are kept precompiled; enough
 * files make those worth it. Kernels are small: gcc reads arm_neon.h longer than it compiles most of them. Only for gcc, which passes over
 * headers that are not made for its flags.
 */
export async function sharedHeaders(
  bundle: string,
  users: readonly HeaderUser[],
  toolchain: Toolchain,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const ahead = new Map<string, string>();
  if (toolchain.family !== "gcc") return ahead;
  const groups = new Map<string, Headers & { readonly files: string[] }>();
  for (const { file, flags } of users) {
    const includes = leading(await readFile(join(bundle, file), "utf8"));
    const key = [...includes, ...flags].join("\n");
    const group = groups.get(key) ?? { toolchain, includes, flags, folder, files: [] };
    group.files.push(file);
    groups.set(key, group);
  }
  for (const { files, ...headers } of groups.values()) {
    if (headers.includes.length === 0) continue;
    const kept = await precompiled(headers);
    if (kept === undefined && (await askedFor(headers, files.length)) >= WORTH_FILES)
      await precompile(headers);
    const known = kept ?? (await precompiled(headers));
    if (known !== undefined) for (const file of files) ahead.set(file, known);
  }
  return ahead;
}

/** The system headers that a C text includes before anything else, as they stand there. */
function leading(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "");
  return /^(?:\s*#include <[^>\n]+>\n)*/.exec(code)?.[0].match(/#include <[^>\n]+>/g) ?? [];
}
