import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readNpz } from "../../../frontend/npy.ts";
import { UserError } from "../../../support/diagnostic.ts";
import { readTextFile } from "../../../support/read-text-file.ts";
import { sha256 } from "../../../support/stable.ts";
import { counted, didYouMean, visible } from "../../../support/text.ts";
import type { Values } from "../../run/run-network.ts";
import {
  GOLDEN_FILE,
  type Golden,
  type GoldenEntry,
  type GoldenIdentity,
  goldenSchema,
} from "./golden.schema.ts";

const MOST_BYTES = 2 ** 28;

/** Throws R185 for a folder, or a file of outputs, that is not there. */
export function checkGolden(path: string): void {
  if (!existsSync(path)) throw noGolden(path, "it is not there");
}

/** Reads what `test --write-golden` wrote. Throws R185. */
export async function readGolden(folder: string): Promise<Golden> {
  let value: unknown;
  try {
    value = JSON.parse(await readTextFile(join(folder, GOLDEN_FILE), MOST_BYTES));
  } catch (error) {
    throw noGolden(folder, error instanceof Error ? error.message : String(error));
  }
  const parsed = goldenSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw noGolden(folder, `${GOLDEN_FILE}: ${issue.path.join(".") || "the file"}: ${issue.message}`);
}

/**
 * The outputs that a folder, of which `golden` was read, holds for one network and its inputs. Throws R185 for a folder that
 * cannot be used, R186 where it holds none for them, R187 where those it holds are of another network.
 */
export async function goldenOutputs(
  folder: string,
  golden: Golden,
  wanted: GoldenIdentity,
): Promise<ReadonlyMap<string, Values>> {
  const { file, sha256: hash } = entryOf(folder, golden, wanted);
  const path = join(folder, file);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw noGolden(folder, error instanceof Error ? error.message : String(error));
  });
  if (sha256(bytes) !== hash) throw noGolden(folder, `\`${file}\` is not the file that ${GOLDEN_FILE} names`);
  return readNpz(bytes, path);
}

function entryOf(folder: string, { entries }: Golden, wanted: GoldenIdentity): GoldenEntry {
  const own = entries.filter((entry) => entry.case === wanted.case);
  const what = `\`${visible(wanted.case)}\``;
  if (own.length === 0) {
    const close = didYouMean(wanted.case, [...new Set(entries.map((entry) => entry.case))]);
    throw missing(
      `\`${folder}\` holds no outputs of ${what}`,
      `it holds outputs of ${counted(new Set(entries.map((entry) => entry.case)).size, "case")}${close === undefined ? "" : `; did you mean \`${visible(close)}\`?`}`,
    );
  }
  const same = own.filter(({ network }) => network === wanted.network);
  if (same.length === 0) throw changed(`the outputs of ${what} in \`${folder}\` are of another network`);
  const found = same.find(({ given }) => given === wanted.given);
  if (found !== undefined) return found;
  throw missing(
    `\`${folder}\` holds no outputs of ${what} for the inputs \`${visible(wanted.inputs)}\``,
    same.some(({ inputs }) => inputs === wanted.inputs)
      ? "inputs of that name held other numbers when its outputs were written"
      : `it holds those for ${same.map(({ inputs }) => visible(inputs)).join(", ")}`,
  );
}

const REWRITE = "`tilewright test SUITE --write-golden FOLDER` writes the outputs of what is right now";

function noGolden(folder: string, why: string): UserError {
  const title = `the golden outputs in \`${folder}\` cannot be used`;
  return new UserError({ code: "R185", exit: "badInput", title, why, help: [REWRITE] });
}

function missing(title: string, why: string): UserError {
  return new UserError({ code: "R186", exit: "badInput", title, why, help: [REWRITE] });
}

function changed(title: string): UserError {
  const why = "its file, the way it is read, or the layer's sizes or seed changed since they were written";
  return new UserError({ code: "R187", exit: "badInput", title, why, help: [REWRITE] });
}
