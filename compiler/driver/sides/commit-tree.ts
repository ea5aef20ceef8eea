import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../support/diagnostic.ts";
import { type Ended, runProgram } from "../../toolchain/run-program.ts";
import type { Say } from "../progress.ts";

/** Full hash of a commit of the repository that one works in; undefined where there is none of that name. */
export async function commitOf(word: string): Promise<string | undefined> {
  if (word.startsWith("-")) return undefined;
  const found = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${word}^{commit}`]);
  return found.failed ? undefined : found.stdout.trim().split("\n").at(-1);
}

/** A commit's files in a folder of their own. */
export interface CommitTree {
  /** Its top folder. */
  readonly root: string;
  /** What stands there for the folder that one works in. */
  readonly folder: string;
  /** Its own Tilewright, built; absent in a repository of something else. */
  readonly main?: string;
}

/** Checks a commit out beside the working tree, and takes it away in the end. Throws R194. */
export async function withCommit<T>(
  sha: string,
  { say, signal }: { readonly say: Say; readonly signal: AbortSignal },
  use: (tree: CommitTree) => Promise<T>,
): Promise<T> {
  const top = await asked(sha, "rev-parse", "--show-toplevel");
  const prefix = await asked(sha, "rev-parse", "--show-prefix");
  const outer = await mkdtemp(join(tmpdir(), "tilewright-commit-"));
  const root = join(outer, "tree");
  try {
    say("checking it out");
    await asked(sha, "worktree", "add", "--detach", root, sha);
    const tree = { root, folder: join(root, prefix) };
    if (!(await isTilewright(root))) return await use(tree);
    say("building its Tilewright");
    const main = await buildTilewright(sha, root, top, signal);
    return await use({ ...tree, main });
  } finally {
    await git(["worktree", "remove", "--force", root]);
    await rm(outer, { recursive: true, force: true });
  }
}

async function isTilewright(root: string): Promise<boolean> {
  const text = await readFile(join(root, "package.json"), "utf8").catch(() => "{}");
  try {
    return (JSON.parse(text) as { readonly name?: unknown }).name === "tilewright";
  } catch {
    return false;
  }
}

/** With the packages that are installed, where the commit asks for the same; else with its own. */
async function buildTilewright(sha: string, root: string, top: string, signal: AbortSignal): Promise<string> {
  const lock = (folder: string): Promise<string> =>
    readFile(join(folder, "package-lock.json"), "utf8").catch(() => "");
  const installed = join(top, "node_modules");
  if (existsSync(installed) && (await lock(root)) === (await lock(top)))
    await symlink(installed, join(root, "node_modules"));
  else {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    checked(sha, "npm ci", await runProgram("npm", args, { cwd: root, signal }));
  }
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", "tsconfig.json"];
  checked(sha, "tsc -p tsconfig.json", await runProgram(process.execPath, args, { cwd: root, signal }));
  signal.throwIfAborted();
  return join(root, "dist/cli/main.js");
}

function git(args: readonly string[]): Promise<Ended> {
  return runProgram("git", args);
}

async function asked(sha: string, ...args: readonly string[]): Promise<string> {
  return checked(sha, `git ${args.join(" ")}`, await git(args));
}

function checked(sha: string, what: string, { failed, stdout, stderr, why }: Ended): string {
  if (!failed) return stdout;
  throw new UserError({
    code: "R194",
    exit: "badInput",
    title: `commit \`${sha.slice(0, 10)}\` cannot be had`,
    where: what,
    why: (stderr.trim() || stdout.trim() || why).split("\n").slice(0, 12).join("\n"),
  });
}
