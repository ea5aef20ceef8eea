import { access, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { defaultCacheDir } from "../../support/cache-folder.ts";
import { jsonOf } from "../../support/json-of.ts";
import { contentKey } from "../../support/stable.ts";
import { writeWhole } from "../../support/write-whole.ts";

/** A board over ssh that was opened from here: how, what it was taken for, and when it last answered. */
const usedBoardSchema = z.object({
  name: z.string().min(1).max(400),
  sshConfig: z.string().optional(),
  remoteDir: z.string().optional(),
  target: z.string().max(200).optional(),
  /** Milliseconds since 1970. */
  seen: z.number(),
});
export type UsedBoard = z.infer<typeof usedBoardSchema>;
/** How a board is named and reached. */
export type BoardPlace = Pick<UsedBoard, "name" | "sshConfig" | "remoteDir">;

const folder = (): string => join(defaultCacheDir(), "boards");

function fileOf({ name, sshConfig, remoteDir }: BoardPlace): string {
  return join(folder(), `${contentKey({ name, sshConfig, remoteDir }).slice(0, 16)}.json`);
}

/** Notes that a board answers now; what it is taken for stays where nothing new is known. What cannot be written is not. */
export async function rememberBoard(
  place: BoardPlace,
  target: string | undefined,
  seen: number,
): Promise<void> {
  const { name, remoteDir } = place;
  const sshConfig = place.sshConfig === undefined ? undefined : resolve(place.sshConfig);
  const file = fileOf({ name, sshConfig, remoteDir });
  const known = target ?? (await readUsed(file))?.target;
  const used: UsedBoard = { name, sshConfig, remoteDir, target: known, seen };
  await mkdir(folder(), { recursive: true }).catch(() => {});
  await writeWhole(file, JSON.stringify(used)).catch(() => {});
}

/** Boards used from here before, by name. One whose ssh configuration is gone cannot be reached as it was, and is forgotten. */
export async function usedBoards(): Promise<readonly UsedBoard[]> {
  const files = (await readdir(folder()).catch(() => [])).filter((name) => name.endsWith(".json"));
  const found = await Promise.all(files.map((name) => readUsed(join(folder(), name))));
  return found.flatMap((used) => used ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function readUsed(file: string): Promise<UsedBoard | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const used = usedBoardSchema.safeParse(jsonOf(text)).data;
  if (used !== undefined && !(await isGone(used.sshConfig))) return used;
  await rm(file, { force: true }).catch(() => {});
  return undefined;
}

/** What cannot be looked at now may be there again. */
async function isGone(path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  const error = await access(path).catch((why: NodeJS.ErrnoException) => why);
  return error?.code === "ENOENT";
}

export async function forgetBoard(place: BoardPlace): Promise<void> {
  await rm(fileOf(place), { force: true });
}
