import { lstat, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { arch, machine, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { execa } from "execa";
import { invariant } from "../support/assert.ts";
import { programMachine } from "./elf.ts";
import { OUTPUT_LIMIT } from "./limited-bytes.ts";
import { byLines } from "./lines.ts";
import * as failures from "./run-failures.ts";
import type { Job, JobResult } from "./runner.ts";

/**
 * Runs a program on this machine in a fresh folder, which is removed whatever happens. `launcher` are
 * words put before the program (an emulator). Without this process's own environment it starts with PATH alone.
 * Throws D131 to D138.
 */
export async function runInTempFolder(
  board: string,
  launcher: readonly string[],
  job: Job,
  { ownEnvironment = true }: { readonly ownEnvironment?: boolean } = {},
): Promise<JobResult> {
  if (job.signal?.aborted) throw failures.interrupted(board);
  const folder = await mkdtemp(join(tmpdir(), "tilewright-run-"));
  try {
    for (const file of job.files) {
      invariant(basename(file.name) === file.name, `\`${file.name}\` is not a plain file name`);
      await writeFile(join(folder, file.name), file.data);
    }
    const other = job.other === undefined ? [] : [resolve(job.other)];
    const [program = "", ...args] = [...launcher, resolve(job.program), ...job.args, ...other];
    const running = execa(program, args, {
      cwd: folder,
      // what finds the launcher, and nothing else
      ...(!ownEnvironment && { extendEnv: false, env: { PATH: process.env.PATH ?? "" } }),
      reject: false,
      stdin: "ignore",
      stripFinalNewline: false,
      maxBuffer: OUTPUT_LIMIT,
      timeout: job.timeoutSeconds * 1000,
      forceKillAfterDelay: 2000,
      ...(job.signal !== undefined && { cancelSignal: job.signal }),
    });
    if (job.onLine !== undefined) running.stdout.on("data", byLines(job.onLine));
    const result = await running;
    if (result.isCanceled) throw failures.interrupted(board);
    if (result.timedOut) throw failures.ranTooLong(board, job.timeoutSeconds);
    if (result.isMaxBuffer) throw failures.tooMuchOutput(board, OUTPUT_LIMIT);
    if (result.signal !== undefined) throw failures.killedBySignal(board, result.signal, result.stderr);
    const exitCode = result.exitCode ?? 126;
    await refuseForeign(board, launcher, job, exitCode, result.stderr);
    return {
      stdout: result.stdout,
      stderr: result.stderr,
      exitCode,
      files: await collect(board, folder, job, exitCode, result.stderr),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A program for another machine is refused by the kernel, or taken for a script by the C library. */
async function refuseForeign(
  board: string,
  launcher: readonly string[],
  job: Job,
  exitCode: number,
  stderr: string,
): Promise<void> {
  if (launcher.length > 0 || ![2, 126, 127].includes(exitCode)) return;
  const built = await programMachine(job.program);
  const here = machine();
  if (built !== undefined && !built.isNativeOn(here)) {
    throw failures.wrongArchitecture(board, built.name, here === "" ? arch() : here);
  }
  if (exitCode === 126) throw failures.notExecutable(board, resolve(job.program, ".."), stderr);
}

async function collect(
  board: string,
  folder: string,
  job: Job,
  exitCode: number,
  stderr: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const wanted of job.fetch) {
    const { name } = wanted;
    const path = join(folder, name);
    const there = await lstat(path).catch(() => undefined);
    const fits =
      there?.isFile() === true &&
      (wanted.orLess === true ? there.size <= wanted.bytes : there.size === wanted.bytes);
    if (fits) files.set(name, await readFile(path));
    else if (exitCode === 0 && there === undefined)
      throw failures.resultMissing(board, name, exitCode, stderr);
    else if (exitCode === 0)
      throw failures.resultUnfit(board, wanted, there?.isFile() === true ? there.size : "other");
  }
  return files;
}
