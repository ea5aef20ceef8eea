import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeNpz } from "../../../frontend/npy.ts";
import { compilerBuild } from "../../../support/compiler-build.ts";
import { UserError } from "../../../support/diagnostic.ts";
import { sha256, stableJson } from "../../../support/stable.ts";
import { fileName } from "../../../support/text.ts";
import { packageVersion } from "../../../support/version.ts";
import { cannotWrite, writeWhole } from "../../../support/write-whole.ts";
import type { Values } from "../../run/run-network.ts";
import { GOLDEN_FILE, type Golden, type GoldenEntry, type GoldenIdentity } from "./golden.schema.ts";
import { readGolden } from "./read-golden.ts";

/** Writes golden outputs of a run, case after case. */
export interface GoldenKeeper {
  /** The first board's are kept. */
  readonly add: (
    identity: GoldenIdentity,
    place: Pick<GoldenEntry, "board" | "target">,
    outputs: ReadonlyMap<string, Values>,
  ) => Promise<void>;
  /**
   * Names what was added, and drops what the folder held before: all of it, or where `keepOthers` that of the same cases.
   * Until then a folder is what it was. Gives how many were added.
   */
  readonly finish: (keepOthers: boolean) => Promise<number>;
}

/** Throws C302 for a folder that cannot be written, R185 for one that holds something else. */
export async function keepGolden(folder: string): Promise<GoldenKeeper> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(folder, error);
  });
  const before = await entriesIn(folder);
  const entries = new Map<string, GoldenEntry>();
  return {
    add: async (identity, { board, target }, outputs) => {
      const key = stableJson([identity.case, identity.given]);
      if (entries.has(key)) return;
      const bytes = writeNpz(outputs);
      const hash = sha256(bytes);
      // named by its contents, so that no file of before is written over
      const file = `${fileName(`_${identity.case}`).slice(1)}-${hash.slice(0, 12)}.npz`.replace(/^[.-]/, "_");
      await writeWhole(join(folder, file), bytes);
      entries.set(key, { ...identity, file, sha256: hash, board, target });
    },
    finish: async (keepOthers) => {
      const cases = new Set([...entries.values()].map((entry) => entry.case));
      const others = keepOthers ? before.filter((entry) => !cases.has(entry.case)) : [];
      const all = [...others, ...entries.values()];
      const golden: Golden = {
        format: "tilewright-golden",
        version: 1,
        tilewright: { version: packageVersion(), build: compilerBuild() },
        entries: all,
      };
      await writeWhole(join(folder, GOLDEN_FILE), `${JSON.stringify(golden, null, 1)}\n`);
      const used = new Set(all.map(({ file }) => file));
      for (const { file } of before) if (!used.has(file)) await rm(join(folder, file), { force: true });
      return entries.size;
    },
  };
}

/** What a folder holds already; nothing where it holds no golden.json. */
async function entriesIn(folder: string): Promise<readonly GoldenEntry[]> {
  try {
    return (await readGolden(folder)).entries;
  } catch (error) {
    if (error instanceof UserError && /ENOENT/.test(error.diagnostic.why ?? "")) return [];
    throw error;
  }
}
