import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../support/diagnostic.ts";
import { cannotWrite } from "../support/write-whole.ts";

/** A file that an option has a command write, if it is given; the option as it is typed: `--markdown`. */
export interface Output {
  readonly option: string;
  readonly path: string | undefined;
}

/**
 * Before long work: throws C352 where an output is a file that the command reads or another output of it, C302 where one
 * cannot be written.
 * @param command as it is typed, without `tilewright`
 * @param inputs files the command reads; those that are not there are for who reads them to tell
 */
export async function checkOutputs(
  command: string,
  inputs: readonly (string | undefined)[],
  outputs: readonly Output[],
): Promise<void> {
  const taken = await Promise.all(
    inputs
      .filter((path) => path !== undefined)
      .map(async (path) => ({ name: `\`${path}\``, real: await realPath(path) })),
  );
  for (const { option, path } of outputs) {
    if (path === undefined || !(await isReplaced(path))) continue;
    const real = await realPath(path);
    const other = taken.find((one) => one.real === real);
    const name = `\`${option} ${path}\``;
    if (other !== undefined) throw overwritten(command, name, other.name);
    taken.push({ name, real });
  }
}

/** Whether writing puts a new file there: not into `/dev/stdout` or a pipe. Throws C302 where it cannot. */
async function isReplaced(path: string): Promise<boolean> {
  try {
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory()) throw new Error("it is a folder");
    if (info !== undefined && !info.isFile()) return false;
    const folder = dirname(await realPath(path));
    if (!(await stat(folder)).isDirectory()) throw new Error(`\`${folder}\` is no folder`);
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Also of a file that is not there yet. */
async function realPath(path: string): Promise<string> {
  const inFolder = async (): Promise<string> =>
    join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path));
  return realpath(path).catch(inFolder);
}

function overwritten(command: string, output: string, other: string): UserError {
  return new UserError({
    code: "C352",
    exit: "usage",
    title: `\`tilewright ${command}\` would write over ${other}`,
    why: `${output} is the same file`,
    help: ["give each file a name of its own"],
  });
}
