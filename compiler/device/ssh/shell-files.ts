import { randomBytes } from "node:crypto";
import { pipeline, Readable, type Writable } from "node:stream";
import { commandsRefused } from "../board-failures.ts";
import { type ExecOptions, type ExecResult, exec } from "./exec.ts";
import type { BoardFiles, Refuse } from "./files.ts";
import type { Connection } from "./transport.ts";

/**
 * Each is one command of the board's shell, on one line as every login shell takes it: $1 is a path, and what it says begins with a
 * line that no start-up file prints. Status 4 means that there is no such file, 5 that it is another kind of one.
 */
const COMMANDS = {
  size: 'test -e "$1" || exit 4; test -f "$1" || { echo 0; exit; }; wc -c <"$1"',
  makeFolders: 'mkdir -m 700 "$@"',
  write: 'umask 077; cat >"$1" && chmod "$2" "$1" && wc -c <"$1"',
  read: 'test -e "$1" || test -L "$1" || exit 4; test -f "$1" && ! test -L "$1" && test "$(wc -c <"$1")" -le "$2" || exit 5; cat "$1"',
  rename: 'mv "$1" "$2"',
  remove: 'rm "$1"',
  removeTree: 'rm -rf "$1"',
  flush: 'sync "$1" 2>/dev/null || sync',
} as const;
const NO_SUCH_FILE = 4;
const NO_SUCH_KIND = 5;
const SMALL = 65536;
/** Most that start-up files may print before a file. */
const NOISE = 2 ** 20;

/** Files of a board by commands of its shell, for boards without sftp. */
export function shellFiles(to: Connection, refuse: Refuse): BoardFiles {
  const run = async (
    name: keyof typeof COMMANDS,
    words: readonly string[],
    more: Partial<ExecOptions> = {},
  ) => {
    const result = await runMarked(to, COMMANDS[name], words, {
      ...{ doing: `${DOING[name]} ${words[0] ?? ""}`.trim(), limitBytes: SMALL },
      small: more.feed === undefined,
      ...more,
    });
    if (result.status === NO_SUCH_FILE) return undefined;
    if (result.status !== 0) throw new Error(result.stderr.toString().trim() || `status ${result.status}`);
    return result.stdout;
  };
  const take = async (path: string, from: () => Readable, size: number, mode: number): Promise<void> => {
    const feed = (stdin: Writable): void => void pipeline(from(), stdin, () => {});
    const said = await run("write", [path, mode.toString(8)], { feed });
    if (Number(said?.toString()) !== size) throw new Error(`of ${size} bytes ${said} arrived`);
  };
  return {
    size: async (path) => {
      const said = await run("size", [path]);
      return said === undefined ? undefined : Number(said.toString());
    },
    makeFolders: (paths) => run("makeFolders", paths).then(() => {}, refuse(paths[0] ?? "", 4096)),
    write: (path, data, mode) =>
      take(path, () => Readable.from([data]), data.length, mode).catch(refuse(path, data.length)),
    read: async (path, most) => {
      const options = { doing: `${DOING.read} ${path}`, limitBytes: most + NOISE, small: true };
      const result = await runMarked(to, COMMANDS.read, [path, String(most)], options);
      if (result.status === NO_SUCH_FILE) return undefined;
      if (result.status === NO_SUCH_KIND || result.overflowed || result.stdout.length > most) return "other";
      if (result.status !== 0) throw new Error(result.stderr.toString().trim() || `status ${result.status}`);
      return result.stdout;
    },
    rename: async (from, into) => void (await run("rename", [from, into])),
    remove: async (path) => void (await run("remove", [path])),
    removeTree: async (path) => void (await run("removeTree", [path])),
    flush: async (path) => void (await run("flush", [path])),
  };
}

const DOING: Readonly<Record<keyof typeof COMMANDS, string>> = {
  size: "look for",
  makeFolders: "make",
  write: "write",
  read: "give",
  rename: "rename",
  remove: "remove",
  removeTree: "remove",
  flush: "flush",
};

/** What a command says after what start-up files print, which is `noise`. Throws D125 when it was not run at all. */
export async function runMarked(
  to: Connection,
  script: string,
  words: readonly string[],
  options: ExecOptions,
): Promise<ExecResult & { readonly noise: string }> {
  const mark = `tilewright ${randomBytes(8).toString("hex")}`;
  const result = await exec(to, ["sh", "-c", `echo "$0"; ${script}`, mark, ...words], options);
  const at = result.stdout.indexOf(`${mark}\n`);
  if (at < 0) {
    const said = `${result.stderr}\n${result.stdout}`.trim().slice(0, 400);
    throw commandsRefused(to.at, said || "a command printed nothing");
  }
  const stdout = result.stdout.subarray(at + mark.length + 1);
  return { ...result, stdout, noise: result.stdout.subarray(0, at).toString() };
}
