import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestCase } from "../test-cases.ts";
import { GOLDEN_FILE } from "./golden.schema.ts";
import { readGolden } from "./read-golden.ts";

/** Of each folder of golden outputs that cases are compared with: what it holds outputs of and no case is. Throws R185. */
export async function unusedGolden(
  cases: readonly TestCase[],
): Promise<readonly { readonly folder: string; readonly titles: readonly string[] }[]> {
  const wishes = cases.flatMap(({ references }) => references);
  const named = wishes.flatMap((wish) => (typeof wish !== "string" && "golden" in wish ? [wish.golden] : []));
  const folders = [...new Set(named)].filter((path) => existsSync(join(path, GOLDEN_FILE)));
  const known = new Set(cases.map(({ title }) => title));
  return Promise.all(
    folders.map(async (folder) => {
      const { entries } = await readGolden(folder);
      const titles = [...new Set(entries.map((entry) => entry.case))].filter((title) => !known.has(title));
      return { folder, titles };
    }),
  );
}
