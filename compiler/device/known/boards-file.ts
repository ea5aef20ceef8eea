import { join } from "node:path";
import { z } from "zod";
import { listTargets } from "../../machine/load.ts";
import { configFolder } from "../../support/cache-folder.ts";
import { UserError } from "../../support/diagnostic.ts";
import { readTextFile } from "../../support/read-text-file.ts";
import { visible } from "../../support/text.ts";

/** A user's boards: `boards` by name, and `pools`: equal boards under one name, over which work may be spread. */
export interface BoardsFile {
  readonly path: string;
  readonly boards: readonly string[];
  readonly pools: ReadonlyMap<string, readonly string[]>;
}

const board = z.string().regex(/^[A-Za-z0-9_:[][\w.+%@:[\]/-]*$/, "no name of a board");
const boardsFileSchema = z.strictObject({
  boards: z.array(board).default([]),
  pools: z
    .record(z.string().regex(/^[A-Za-z][\w-]*$/, "no name of a pool"), z.array(board).min(1))
    .default({}),
});
const MOST_BYTES = 2 ** 20;

/** TILEWRIGHT_BOARDS, else boards.json in the user's folder of configuration. */
export function boardsFilePath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.TILEWRIGHT_BOARDS || join(configFolder(), "boards.json");
}

/** Reads the boards file; none is an empty one. Throws D181 for one that cannot be read, D182 for what is none. */
export async function readBoardsFile(path = boardsFilePath()): Promise<BoardsFile> {
  let text: string;
  try {
    text = await readTextFile(path, MOST_BYTES);
  } catch (error) {
    if (isMissing(error) && !process.env.TILEWRIGHT_BOARDS) return { path, boards: [], pools: new Map() };
    throw unreadable(path, error);
  }
  const parsed = boardsFileSchema.safeParse(jsonOf(path, text));
  if (!parsed.success) throw noBoardsFile(path, issueText(parsed.error.issues[0]));
  const { boards, pools } = parsed.data;
  for (const [pool, names] of Object.entries(pools)) {
    if (listTargets().includes(pool)) {
      throw noBoardsFile(path, `pools.${pool}: a target is called so, and \`--board ${pool}\` means that`);
    }
    const nested = names.find((name) => Object.hasOwn(pools, name));
    if (nested !== undefined) throw noBoardsFile(path, `pools.${pool}: \`${nested}\` is a pool, not a board`);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw noBoardsFile(path, `pools.${pool}: \`${twice}\` is there twice`);
  }
  return { path, boards, pools: new Map(Object.entries(pools)) };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noBoardsFile(path, visible(error instanceof Error ? error.message : String(error)));
  }
}

function issueText(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return "it is something else";
  const place = issue.path.map(String).join(".");
  return visible(place === "" ? issue.message : `${place}: ${issue.message}`);
}

function unreadable(path: string, error: unknown): UserError {
  return new UserError({
    code: "D181",
    exit: "usage",
    title: `cannot read the boards file \`${path}\``,
    why: error instanceof Error ? error.message : String(error),
    help: ["TILEWRIGHT_BOARDS names another one"],
  });
}

function noBoardsFile(path: string, why: string): UserError {
  return new UserError({
    code: "D182",
    exit: "usage",
    title: `\`${path}\` is no boards file`,
    why,
    help: ['it looks like {"boards": ["pi@attic"], "pools": {"farm": ["pi@pi4-a", "pi@pi4-b"]}}'],
  });
}
