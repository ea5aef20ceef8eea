import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { invariant } from "../support/assert.ts";
import type { UserError } from "../support/diagnostic.ts";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { boardBusy, cannotWrite, connectionLost } from "./board-failures.ts";
import { programMachine } from "./elf.ts";
import { OUTPUT_LIMIT } from "./limited-bytes.ts";
import * as failures from "./run-failures.ts";
import type { Job, JobResult } from "./runner.ts";
import { splitStatus } from "./signals.ts";
import { type BoardFolders, cachedProgram, cachedScript } from "./ssh-cache.ts";
import { type ExecResult, exec } from "./ssh-exec.ts";
import type { BoardFiles } from "./ssh-files.ts";
import { answerOf } from "./ssh-patience.ts";
import type { Connection } from "./ssh-transport.ts";

/** An open board: what one run after another uses. */
export interface BoardSession {
  readonly connection: Connection;
  readonly files: BoardFiles;
  readonly folders: BoardFolders;
  /** `uname -m` there. */
  readonly machine: string;
  readonly lockWaitSeconds: number;
}

/** Time for a board to start a shell, clean up and answer, above what the program may take. */
const MARGIN_SECONDS = 15;
const NO_ACCESS = "the board's shell cannot make it";
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

/** Puts a job's files on the board, runs it there alone, brings its results back and removes its folder. */
export async function runOnBoard(session: BoardSession, job: Job): Promise<JobResult> {
  for (const name of [...job.files.map((file) => file.name), ...job.fetch]) {
    invariant(NAME.test(name), `\`${name}\` is not a plain file name`);
  }
  const { files, folders } = session;
  const board = session.connection.at.name;
  if (job.signal?.aborted) throw failures.interrupted(board);
  const program = await cachedProgram(files, folders, job.program);
  const script = await cachedScript(files, folders, runScript());
  const run = `${folders.runs}/${randomBytes(8).toString("hex")}`;
  await files.makeFolder(run);
  try {
    await files.makeFolder(`${run}/files`);
    for (const file of job.files) await files.write(`${run}/files/${file.name}`, file.data, 0o600);
    const mark = `tilewright ${randomBytes(16).toString("hex")}`;
    const result = await exec(
      session.connection,
      [
        ...["sh", script, run, folders.lock, caller(), String(session.lockWaitSeconds)],
        ...[String(Math.ceil(job.timeoutSeconds)), mark, program, ...job.args],
      ],
      {
        doing: "run a program",
        limitBytes: OUTPUT_LIMIT,
        patienceSeconds: session.lockWaitSeconds + job.timeoutSeconds + MARGIN_SECONDS,
        ...(job.signal !== undefined && { signal: job.signal }),
      },
    );
    if (job.signal?.aborted) throw failures.interrupted(board);
    if (result.overflowed) throw failures.tooMuchOutput(board, OUTPUT_LIMIT);
    const exitCode = await judge(session, job, run, afterMark(result, mark));
    return await collect(session, job, run, exitCode, afterMark(result, mark));
  } finally {
    await removeRun(session, run, job.signal?.aborted === true);
  }
}

/** The script that runs a program under a lock and a time limit; it is the same for every job. */
function runScript(): string {
  return readFileSync(join(PACKAGE_ROOT, "templates/board/run.sh"), "utf8");
}

function caller(): string {
  const clean = (text: string): string => text.replace(/[^A-Za-z0-9_.-]/g, "_");
  return `${clean(userInfo().username)}@${clean(hostname())} (process ${process.pid} there)`;
}

/** The program's own output: what comes after the mark, without what start-up files printed. */
function afterMark(result: ExecResult, mark: string): ExecResult {
  const cut = (bytes: Buffer): Buffer => {
    const at = bytes.indexOf(`${mark}\n`);
    return at < 0 ? bytes : bytes.subarray(at + mark.length + 1);
  };
  return { ...result, stdout: cut(result.stdout), stderr: cut(result.stderr) };
}

/** The program's exit code, or the reason why there is none. */
async function judge(session: BoardSession, job: Job, run: string, result: ExecResult): Promise<number> {
  const board = session.connection.at.name;
  if (result.status === 0) return 0;
  const outcome = (await session.files.read(`${run}/outcome`))?.toString().trim() ?? "";
  const stderr = result.stderr.toString();
  if (outcome === "timeout" || result.outOfPatience) throw failures.ranTooLong(board, job.timeoutSeconds);
  if (outcome.startsWith("locked ")) {
    throw boardBusy(board, outcome.slice("locked ".length), session.lockWaitSeconds, session.folders.lock);
  }
  if (outcome === "no lock" || outcome === "no folder") {
    throw cannotWrite(board, outcome === "no lock" ? session.folders.lock : run, stderr.trim() || NO_ACCESS);
  }
  const status = /^exit \d+$/.test(outcome) ? Number(outcome.slice("exit ".length)) : result.status;
  if (status === undefined) throw connectionLost(board, "the command ended without an exit status");
  const ended = splitStatus(status);
  if (ended.kind === "signal") throw failures.killedBySignal(board, ended.signal, stderr);
  const refusal = await whyNotStarted(session, job, ended.code, stderr);
  if (refusal !== undefined) throw refusal;
  return ended.code;
}

/**
 * A shell that cannot execute a file says 126, or takes it for a script and says 2 or 127. That is taken
 * for a wrong architecture only when the file is for another machine, too.
 */
async function whyNotStarted(
  session: BoardSession,
  job: Job,
  code: number,
  stderr: string,
): Promise<UserError | undefined> {
  if (code !== 126 && code !== 127 && code !== 2) return undefined;
  const board = session.connection.at.name;
  const built = await programMachine(job.program);
  if (built !== undefined && !built.isNativeOn(session.machine)) {
    return failures.wrongArchitecture(board, built.name, session.machine);
  }
  return code === 126 ? failures.notExecutable(board, session.folders.cache, stderr) : undefined;
}

async function collect(
  session: BoardSession,
  job: Job,
  run: string,
  exitCode: number,
  result: ExecResult,
): Promise<JobResult> {
  const fetched = new Map<string, Uint8Array>();
  const stderr = result.stderr.toString();
  for (const name of job.fetch) {
    const data = await session.files.read(`${run}/files/${name}`);
    if (data === undefined && exitCode === 0) {
      throw failures.resultMissing(session.connection.at.name, name, exitCode, stderr);
    }
    if (data !== undefined) fetched.set(name, data);
  }
  return { stdout: result.stdout.toString(), stderr, exitCode, files: fetched };
}

/** Time for a board to remove a folder while a person waits for the end. */
const HASTE_SECONDS = 0.25;

/** A lost connection cannot clean up: the script on the board does it then, or the next run. */
async function removeRun(session: BoardSession, run: string, inHaste: boolean): Promise<void> {
  const removed = exec(session.connection, ["rm", "-rf", run], {
    doing: `remove ${run}`,
    limitBytes: 65536,
  });
  const asking = { doing: `remove ${run}`, ...(inHaste && { seconds: HASTE_SECONDS }) };
  await answerOf(session.connection, removed, asking).catch(() => {});
}
