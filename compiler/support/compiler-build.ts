import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { PACKAGE_ROOT } from "./paths.ts";
import { contentKey, sha256 } from "./stable.ts";

/** What decides, beside the code that runs, what a kernel, a bundle and a measurement are. */
const DATA = ["templates", "targets/isa", "runtime-c"];
/** The folder of the code that runs: dist/, or compiler/ itself. */
const CODE = fileURLToPath(new URL("..", import.meta.url));

let known: string | undefined;

/**
 * Hash of the compiler's own code: its modules, the kernels' sources, templates, instruction sets and the runtime in C.
 * Two builds that could make other C have other hashes, without a number that somebody must remember to raise.
 */
export function compilerBuild(): string {
  known ??= contentKey(
    [
      ...files(CODE, [".js", ".ts"]),
      // parsed where they lie: all the source that an installed package has
      ...files(join(PACKAGE_ROOT, "compiler"), [".kernel.ts"]),
      ...DATA.flatMap((folder) => files(join(PACKAGE_ROOT, folder))),
    ].map((path) => [relative(PACKAGE_ROOT, path).split(sep).join("/"), sha256(readFileSync(path))]),
  ).slice(0, 16);
  return known;
}

/** All files below a folder, sorted; of modules no declarations: they are other views of the same. */
function files(folder: string, endings?: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".d.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => endings === undefined || endings.some((ending) => path.endsWith(ending)))
    .sort();
}
