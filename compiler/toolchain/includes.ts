import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** Folders of a bundle that are searched for headers. */
export const INCLUDE_FOLDERS = ["include", "runtime"];

/**
 * Text of a file and of every bundle header it includes, directly or not, by path. System headers
 * belong to the compiler and are covered by its fingerprint.
 */
export async function textWithHeaders(
  bundle: string,
  file: string,
): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  const visit = async (path: string): Promise<void> => {
    if (path in texts) return;
    const text = await readFile(join(bundle, path), "utf8");
    texts[path] = text;
    for (const [, name] of text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)) {
      for (const folder of [dirname(path), ...INCLUDE_FOLDERS]) {
        const found = await visit(normalize(join(folder, name))).then(
          () => true,
          () => false,
        );
        if (found) break;
      }
    }
  };
  await visit(file);
  return texts;
}
