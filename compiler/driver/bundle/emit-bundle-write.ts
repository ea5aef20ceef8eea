import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../support/diagnostic.ts";
import type { BundleFiles } from "./emit-bundle.ts";
import { README_MARK } from "./emit-bundle-views.ts";
import { isLarge } from "./large-file.ts";

/** Top-level names of a bundle; whatever else a user keeps beside them survives a new compile. */
const OWNED = new Set([
  "include",
  "src",
  "runtime",
  "weights",
  "golden",
  "examples",
  "build",
  "Makefile",
  "CMakeLists.txt",
  "metadata.json",
]);

/**
 * Writes a bundle under a temporary name beside `folder` and renames it, so that the folder holds the
 * old bundle or the new one and never a mixture. A folder with anything but a bundle in it is refused.
 */
export async function writeBundle(files: BundleFiles, folder: string): Promise<void> {
  const target = resolve(folder);
  const previous = await previousEntries(target, folder);
  const parent = dirname(target);
  const fresh = join(parent, `.${basename(target)}.${process.pid}.new`);
  const old = join(parent, `.${basename(target)}.${process.pid}.old`);
  try {
    await mkdir(parent, { recursive: true });
    // Not recursive: where folders cannot be made (/proc), Node's recursive mkdir never returns.
    await mkdir(fresh);
    for (const [path, contents] of files) {
      const file = join(fresh, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, isLarge(contents) ? contents.chunks() : contents);
    }
    if (previous !== undefined) await rename(target, old);
    await rename(fresh, target);
    for (const kept of previous ?? []) {
      if (!OWNED.has(kept) && !(await isOurReadme(old, kept)))
        await rename(join(old, kept), join(target, kept));
    }
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (existsSync(old) && !existsSync(target)) await rename(old, target);
    throw cannotWriteBundle(folder, error);
  }
}

/** Its README.md, unless it is the user's own. */
async function isOurReadme(folder: string, name: string): Promise<boolean> {
  return name === "README.md" && (await readFile(join(folder, name), "utf8")).startsWith(README_MARK);
}

/** Names in the folder, undefined when there is none. */
async function previousEntries(target: string, shown: string): Promise<readonly string[] | undefined> {
  let entries: string[];
  try {
    entries = await readdir(target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return undefined;
    throw cannotWriteBundle(shown, error);
  }
  if (entries.length > 0 && !(await isBundle(target))) {
    throw new UserError({
      code: "B111",
      exit: "usage",
      title: `${shown} is not empty and is no bundle`,
      why: `it holds ${entries.sort().slice(0, 3).join(", ")}${entries.length > 3 ? ", ..." : ""}; nothing was written`,
      help: ["name a new or an empty folder, or one an earlier `tilewright compile` wrote"],
    });
  }
  return entries;
}

async function isBundle(folder: string): Promise<boolean> {
  try {
    const metadata: unknown = JSON.parse(await readFile(join(folder, "metadata.json"), "utf8"));
    return typeof metadata === "object" && metadata !== null && "tilewright" in metadata;
  } catch {
    return false;
  }
}

function cannotWriteBundle(folder: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(
    {
      code: "B112",
      exit: "usage",
      title: `cannot write the bundle ${folder}`,
      // The path in Node's message is a temporary one; what failed is enough.
      why: reason.replace(/, \w+ '.*$/, ""),
      help: ["check the free space and the rights of the folder above it"],
    },
    { cause: error },
  );
}
