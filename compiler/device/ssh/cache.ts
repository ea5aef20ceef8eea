import { stat } from "node:fs/promises";
import { fileHash } from "../../support/file-hash.ts";
import { fileCksum, posixCksum } from "../../support/posix-cksum.ts";
import { sha256 } from "../../support/stable.ts";
import type { Copy } from "../board-copy.ts";
import { askBoard, boardScript } from "../board-script.ts";
import * as failures from "../keeping-failures.ts";
import { isUploadOf, uploadName, withOwnedName } from "../owned-names.ts";
import { exec } from "./exec.ts";
import { type BoardFiles, refusal } from "./files.ts";
import type { BoardFolders } from "./folders.ts";
import type { Connection } from "./transport.ts";
import { upload } from "./upload.ts";

/** Where copies are kept, and by what. */
export interface Keeper {
  readonly connection: Connection;
  readonly files: BoardFiles;
  readonly folders: BoardFolders;
  /** Most that all copies may take. */
  readonly limitBytes: number;
  /** Copies that were there when they were last used over this connection. */
  readonly seen: Set<string>;
  readonly notice: (text: string) => void;
}

/** A file that is to be on the board. */
export interface Original {
  /** For messages: "program". */
  readonly what: string;
  readonly size: number;
  readonly sha256: string;
  cksum(): Promise<string>;
  /** Writes what follows the first `have` bytes, which are there. */
  upload(keeper: Keeper, path: string, have: number): Promise<void>;
  /** Hex sha256 of its first bytes; absent: what was cut off is not worth going on with. */
  sha256Of?(bytes: number): Promise<string>;
}

/** A program of this machine's. */
export async function programFile(localPath: string, signal?: AbortSignal): Promise<Original> {
  const { size } = await stat(localPath);
  return {
    what: "program",
    size,
    sha256: await fileHash(localPath),
    cksum: () => fileCksum(localPath),
    sha256Of: (bytes) => fileHash(localPath, bytes),
    upload: async (keeper, path, have) => {
      const { connection, notice } = keeper;
      const file = { localPath, path, have, size, mode: 0o700, signal, notice };
      await withCopy(keeper, scriptText(boardScript("append")), (script) =>
        upload(connection, script, file).catch(refusal(connection)(path, size)),
      );
    },
  };
}

/** A text that the board's shell runs. */
export function scriptText(text: string): Original {
  const data = Buffer.from(text);
  return {
    what: "script",
    size: data.length,
    sha256: sha256(data),
    cksum: async () => posixCksum(data),
    upload: ({ files }, path) => files.write(path, data, 0o600),
  };
}

const ATTEMPTS = 3;

/**
 * Hands `use` a copy, sent when the board has none. `use` says "damaged" when the content is not what was sent: then it is
 * sent again, and used again. Throws D121, D122, D161, D162.
 */
export async function withCopy<T>(
  keeper: Keeper,
  original: Original,
  use: (copy: Copy) => Promise<T | "damaged">,
): Promise<T> {
  const { folders, files, connection, notice, seen } = keeper;
  const path = `${folders.cache}/${original.sha256}`;
  const board = connection.at.name;
  for (let attempt = 1; ; attempt++) {
    // Whether it still is there shows when its content is checked.
    if (!seen.has(path)) await send(keeper, original, path);
    if (original.what === "program") await forgetParts(keeper);
    const result =
      folders.sums === "" && !(await readsRight(keeper, original, path))
        ? "damaged"
        : await use({ path, check: await checkOf(keeper, original) });
    if (result !== "damaged") seen.add(path);
    if (result !== "damaged") return result;
    if (attempt >= ATTEMPTS) throw failures.copyDamaged(board, original.what, path, attempt);
    seen.delete(path);
    // Another run may have removed it to make room.
    if ((await files.size(path)) === undefined) continue;
    notice(`warning: the ${original.what} that \`${board}\` kept is not what was sent: it is sent again`);
    await files.remove(path).catch(() => {});
  }
}

async function checkOf({ folders }: Keeper, original: Original): Promise<Copy["check"]> {
  if (folders.sums === "") return ["", ""];
  return [folders.sums, folders.sums === "cksum" ? await original.cksum() : original.sha256];
}

/** Where the board has no command for checksums, the content comes back and is looked at here. */
async function readsRight(
  { files }: Keeper,
  { size, sha256: sum }: Original,
  path: string,
): Promise<boolean> {
  const content = await files.read(path, size);
  return content instanceof Buffer && sha256(content) === sum;
}

/**
 * A file under its content's hash is complete: it is written under another name, flushed, measured and
 * only then renamed, so neither a lost connection nor a power cut leaves half of one.
 */
async function send(keeper: Keeper, original: Original, path: string): Promise<void> {
  const { files, folders } = keeper;
  const { size } = original;
  const there = await files.size(path);
  if (there === size) return;
  await withOwnedName(async (owned) => {
    const name = uploadName(Math.ceil(size / 1024), original.sha256, owned);
    const fresh = `${folders.cache}/${name}`;
    try {
      await original.upload(keeper, fresh, await takeUp(keeper, original, name));
      await files.flush(fresh);
      if ((await files.size(fresh)) !== size) throw new Error("the file arrived incomplete");
      if (there !== undefined) await files.remove(path);
      await files.rename(fresh, path);
    } catch (error) {
      await files.remove(fresh).catch(() => {});
      // Another run may have sent the same file meanwhile: sftp's rename does not replace.
      if ((await files.size(path)) !== size) throw error;
    }
  });
}

/** Goes on with an upload that was cut off, if there is one: gives the bytes that are there and right. */
async function takeUp(keeper: Keeper, original: Original, name: string): Promise<number> {
  const { files, folders, connection } = keeper;
  const { size, sha256: sum, sha256Of } = original;
  const part = [...folders.parts].find((left) => isUploadOf(left, sum));
  if (part !== undefined && sha256Of !== undefined && folders.sums.includes("sha256")) {
    const path = `${folders.cache}/${name}`;
    folders.parts.delete(part);
    await files.rename(`${folders.cache}/${part}`, path);
    const have = (await files.size(path)) ?? 0;
    const said = await exec(connection, ["sh", "-c", `${folders.sums} <"$0"`, path], {
      ...{ doing: `read ${path}`, limitBytes: 4096 },
    });
    const right = have > 0 && have <= size && said.stdout.includes(await sha256Of(have));
    if (right) return have;
    await files.remove(path);
  }
  await makeRoom(keeper, original, name);
  return 0;
}

/** Removes uploads that were cut off and that nobody goes on with. */
async function forgetParts({ folders, connection }: Keeper): Promise<void> {
  if (folders.parts.size === 0) return;
  const paths = [...folders.parts].slice(0, 500).map((name) => `${folders.cache}/${name}`);
  folders.parts.clear();
  await exec(connection, ["rm", "-f", "--", ...paths], {
    ...{ doing: "remove what was left there", limitBytes: 65536 },
  });
}

/** Copies used longest ago make room for a new one. Throws D162 when it does not fit even alone. */
async function makeRoom(keeper: Keeper, { what, size }: Original, name: string): Promise<void> {
  const { connection, folders, limitBytes } = keeper;
  const limit = Math.floor(limitBytes / 1024);
  const [answer] = await askBoard(connection, "room", [folders.cache, String(limit), name]);
  if (answer === "full") throw failures.noRoom(connection.at.name, what, size, limitBytes);
}
