import type { SFTPWrapper, Stats } from "ssh2";
import { UserError } from "../../support/diagnostic.ts";
import { cannotWrite, connectionLost, diskFull } from "../board-failures.ts";
import { exec } from "./exec.ts";
import { answerOf } from "./patience.ts";
import { type Call, readPieces, writePieces } from "./sftp-pieces.ts";
import type { Connection } from "./transport.ts";

/** Files of a board. Paths are absolute. Operations reject with D133 when the connection is lost. */
export interface BoardFiles {
  /** Size in bytes, or undefined when there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** Makes folders that must not be there yet; one may lie in one before it. */
  makeFolders(paths: readonly string[]): Promise<void>;
  write(path: string, data: Uint8Array, mode: number): Promise<void>;
  /** A regular file of at most `most` bytes; "other" when it is larger or none, undefined when nothing is there. */
  read(path: string, most: number): Promise<Buffer | "other" | undefined>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Removes a folder and all in it. Quickest where `names` are all there is below it: what is in a folder before `that folder/`. */
  removeTree(path: string, names: readonly string[]): Promise<void>;
  flush(path: string): Promise<void>;
}

const NO_SUCH_FILE = 2;

/** Files by the protocol for them, which is open. */
export function sftpFiles(to: Connection, sftp: SFTPWrapper): BoardFiles {
  const call: Call = (doing, start) => {
    const answer = new Promise<never>((resolve, reject) => {
      start((error, value) =>
        error ? reject(answered(error) ? error : ended(to)) : resolve(value as never),
      );
    });
    return answerOf(to, answer, { doing });
  };
  const removeAll = (path: string) =>
    exec(to, ["rm", "-rf", path], { doing: `remove ${path}`, limitBytes: 65536, small: true });
  return filesOver(sftp, call, refusal(to), removeAll);
}

/** Whether the board has said so: answers have a number, and what has none says that there is nobody to answer any more. */
function answered(error: Error): boolean {
  return "code" in error || !/no response|not open|closed|ended/i.test(error.message);
}

function ended({ at }: Connection): UserError {
  return connectionLost(at.name, "what serves its files has ended");
}

/** Says why something of so many bytes could not be written. */
export function refusal(to: Connection): Refuse {
  return (path, bytes) => async (error) => {
    throw await whyNotWritten(to, path, bytes, error);
  };
}

/** Turns what went wrong at a path into what the user can act on. */
export type Refuse = (path: string, bytes: number) => (error: unknown) => Promise<never>;

function filesOver(
  sftp: SFTPWrapper,
  call: Call,
  refuse: Refuse,
  removeAll: (path: string) => Promise<unknown>,
): BoardFiles {
  const makeFolder = (path: string): Promise<void> =>
    call(`make ${path}`, (done) => sftp.mkdir(path, { mode: 0o700 }, done));
  const found = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => otherwise(error, undefined));
  const size = async (path: string): Promise<number | undefined> =>
    (await found(call<{ size: number }>(`look for ${path}`, (done) => sftp.stat(path, done))))?.size;
  return {
    size,
    // Requests are answered in their order: none waits here for the one before.
    makeFolders: async (paths) => {
      await Promise.all(paths.map((path) => makeFolder(path).catch(refuse(path, 4096))));
    },
    write: (path, data, mode) =>
      writePieces(sftp, call, path, asBuffer(data), mode).catch(refuse(path, data.length)),
    read: async (path, most) => {
      const stats = await found(call<Stats>(`look for ${path}`, (done) => sftp.lstat(path, done)));
      if (stats === undefined) return undefined;
      if (!stats.isFile() || stats.size > most) return "other";
      // It may have become another one since: no more is taken than it had.
      return found(readPieces(sftp, call, path, stats.size));
    },
    rename: (from, to) => call(`rename ${from}`, (done) => sftp.rename(from, to, done)),
    remove: (path) => call(`remove ${path}`, (done) => sftp.unlink(path, done)),
    // The same: one way there and back, and no process there.
    removeTree: async (path, names) => {
      const inside = names.map((name) =>
        call<void>(`remove ${path}`, (done) =>
          name.endsWith("/")
            ? sftp.rmdir(`${path}/${name.slice(0, -1)}`, done)
            : sftp.unlink(`${path}/${name}`, done),
        ).catch(() => {}),
      );
      const all = call<void>(`remove ${path}`, (done) => sftp.rmdir(path, done));
      await Promise.all([...inside, all.catch(() => removeAll(path))]);
    },
    flush: async (path) => {
      const handle = await call<Buffer>(`open ${path}`, (done) => sftp.open(path, "r+", done));
      try {
        // An extension of OpenSSH's; without it the file's size still tells a torn write.
        await call<void>(`flush ${path}`, (done) => sftp.ext_openssh_fsync(handle, done)).catch(() => {});
      } finally {
        await call<void>(`close ${path}`, (done) => sftp.close(handle, done));
      }
    },
  };
}

/** `value` for "no such file"; a lost connection stays an error. */
function otherwise<T>(error: unknown, value: T): T {
  if (error instanceof UserError) throw error;
  if (error instanceof Error && "code" in error && error.code === NO_SUCH_FILE) return value;
  throw error;
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** sftp says only "Failure" for a full disk, so the board is asked how much room there is. */
async function whyNotWritten(to: Connection, path: string, bytes: number, error: unknown): Promise<Error> {
  if (error instanceof UserError) return error;
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const free = await freeBytes(to, folder);
  const said = error instanceof Error ? error.message : String(error);
  if (free !== undefined && (free < bytes || tellsOfFullDisk(said))) {
    return diskFull(to.at, folder, free, bytes);
  }
  return cannotWrite(to.at.name, path, said);
}

/** The fourth column of POSIX `df -P -k`. */
export async function freeBytes(to: Connection, folder: string): Promise<number | undefined> {
  const result = await exec(to, ["df", "-P", "-k", folder], {
    doing: "tell how much room it has",
    limitBytes: 65536,
    quietSeconds: 10,
  }).catch(() => undefined);
  const columns = result?.stdout.toString().trim().split("\n").at(-1)?.split(/\s+/);
  const kib = columns?.[3];
  return kib !== undefined && /^\d+$/.test(kib) ? Number(kib) * 1024 : undefined;
}

/** Whether somebody complains of a full disk, as the C library words ENOSPC and EDQUOT. */
export function tellsOfFullDisk(text: string): boolean {
  return /no space left on device|disk quota exceeded/i.test(text);
}
