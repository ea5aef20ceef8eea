import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../../support/diagnostic.ts";
import { readTextFile } from "../../support/read-text-file.ts";
import { visible } from "../../support/text.ts";
import { commitOf } from "./commit-tree.ts";

/** What a suite is run with, so that results of two of them can be compared. */
export type Side =
  | { readonly kind: "results"; readonly file: string }
  /** A file of `compile --decisions-out`, or a log of `tune`. */
  | { readonly kind: "decisions" | "records"; readonly file: string }
  /** A C compiler, as TILEWRIGHT_CC names it. */
  | { readonly kind: "cc"; readonly command: string }
  /** Another Tilewright, of a built checkout or a package. */
  | { readonly kind: "tilewright"; readonly root: string }
  /** A tree of files that the suite's paths are relative to. */
  | { readonly kind: "folder"; readonly path: string }
  /** A commit of the repository that one works in. */
  | { readonly kind: "commit"; readonly sha: string };

const MOST_BYTES = 2 ** 28;
/** What is typed before a C compiler. */
const CC = "cc=";

/**
 * What a word of the command line names: a file, a folder, a commit, or `cc=COMPILER`. Throws C366.
 * @param place which word it is, such as NOW
 */
export async function sideOf(word: string, place: string): Promise<Side> {
  if (word.startsWith(CC)) return { kind: "cc", command: word.slice(CC.length) };
  const info = statSync(word, { throwIfNoEntry: false });
  if (info?.isDirectory()) {
    if (existsSync(join(word, "dist/cli/main.js"))) return { kind: "tilewright", root: resolve(word) };
    return { kind: "folder", path: resolve(word) };
  }
  if (info !== undefined) return sideOfFile(word);
  const sha = await commitOf(word);
  if (sha !== undefined) return { kind: "commit", sha };
  throw new UserError({
    code: "C366",
    exit: "badInput",
    title: `there is nothing named \`${visible(word)}\` to compare`,
    where: place,
    why: "it is no file or folder that is there, and no commit of a repository here",
    help: [
      "`tilewright compile MODEL --target TARGET -o FOLDER` writes a folder to compare, `tilewright test MODEL --results FILE` a file",
      "`tilewright compare --help` lists what else can be compared",
    ],
  });
}

async function sideOfFile(file: string): Promise<Side> {
  if (/\.jsonl$/i.test(file)) return { kind: "records", file: resolve(file) };
  const text = await readTextFile(file, MOST_BYTES).catch(() => "");
  return { kind: isDecisions(text) ? "decisions" : "results", file: resolve(file) };
}

/** Of decisions nothing but what tells them from results is looked at here. */
function isDecisions(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "layers" in value && "network" in value;
  } catch {
    return false;
  }
}

/** Whether a side is a tree of files. */
export function isTree({ kind }: Side): boolean {
  return kind === "folder" || kind === "tilewright";
}

/** What results of a side are labelled with, and what is shown of it. */
export function sideName(word: string, side: Side): string {
  return side.kind === "commit" ? `${word} (${side.sha.slice(0, 10)})` : word;
}
