import { invariant } from "../../support/assert.ts";
import type { UserError } from "../../support/diagnostic.ts";
import { type Copy, SCRIPT_DAMAGED, scriptCommand } from "../board-copy.ts";
import { cannotWrite, connectionLost, diskFull } from "../board-failures.ts";
import { afterMark, boardScript, newMark } from "../board-script.ts";
import { programMachine } from "../elf.ts";
import { boardBusy, seconds } from "../keeping-failures.ts";
import { OUTPUT_LIMIT } from "../limited-bytes.ts";
import { byLines } from "../lines.ts";
import { caller, holderOf } from "../lock-holder.ts";
import { withOwnedName } from "../owned-names.ts";
import * as failures from "../run-failures.ts";
import type { Job, JobResult } from "../runner.ts";
import { splitStatus } from "../signals.ts";
import { type Keeper, programFile, scriptText, withCopy } from "./cache.ts";
import { type ExecResult, exec } from "./exec.ts";
import { freeBytes, tellsOfFullDisk } from "./files.ts";
import { answerOf } from "./patience.ts";

/** An open board: what one run after another uses. */
export interface BoardSession extends Keeper {
  /** `uname -m` there. */
  readonly machine: string;
  readonly lockWaitSeconds: number;
}

/** Time for a board to start a shell, clean up and answer, above what the program may take. */
const MARGIN_SECONDS = 15;
const NO_ACCESS = "the board's shell cannot make it";
/** Where the machine's lock is, as templates/board/lock.sh has it. */
const LOCK_FOLDER = "/tmp/tilewright";
const OUTCOME_LIMIT = 4096;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

/**
 * Puts a job's files on the board, runs it there alone, brings its results back and removes its folder. What runs is what
 * was built: the copies on the board are compared with their checksums first, and sent again when they differ.
 */
export async function runOnBoard(session: BoardSession, job: Job): Promise<JobResult> {
  for (const name of [...job.files.map((file) => file.name), ...job.fetch.map((file) => file.name)]) {
    invariant(NAME.test(name), `\`${name}\` is not a plain file name`);
  }
  if (job.signal?.aborted) throw failures.interrupted(session.connection.at.name);
  return withCopy(session, await programFile(job.program, job.signal), async (program) => {
    const ran = await withOther(session, job, (other) => tryScript(session, job, { program, other }));
    return ran.tried === "program damaged" ? "damaged" : ran.tried;
  });
}

type Damage = "script damaged" | "program damaged" | "other damaged";
/** What one copy's run says of another's content is no fault of its own. */
interface Tried<D extends Damage> {
  readonly tried: JobResult | D;
}
interface Programs {
  readonly program: Copy;
  readonly other: Copy | undefined;
}

async function withOther(
  session: BoardSession,
  { other, signal }: Job,
  use: (other?: Copy) => Promise<Tried<"program damaged" | "other damaged">>,
): Promise<Tried<"program damaged">> {
  const told = async (copy?: Copy): Promise<Tried<"program damaged"> | "damaged"> => {
    const { tried } = await use(copy);
    return tried === "other damaged" ? "damaged" : { tried };
  };
  if (other !== undefined) return withCopy(session, await programFile(other, signal), told);
  const alone = await told();
  invariant(alone !== "damaged", "a program that is not there is damaged");
  return alone;
}

function tryScript(
  session: BoardSession,
  job: Job,
  programs: Programs,
): Promise<Tried<"program damaged" | "other damaged">> {
  return withCopy(session, scriptText(boardScript("lock", "run")), async (script) => {
    const tried = await withOwnedName((name) => tryOnce(session, job, script, programs, name));
    return tried === "script damaged" ? "damaged" : { tried };
  });
}

async function tryOnce(
  session: BoardSession,
  job: Job,
  script: Copy,
  { program, other }: Programs,
  name: string,
): Promise<JobResult | Damage> {
  const { files, folders, connection } = session;
  const board = connection.at.name;
  const run = `${folders.runs}/${name}`;
  await files.makeFolders([run, `${run}/files`]);
  try {
    for (const file of job.files) await files.write(`${run}/files/${file.name}`, file.data, 0o600);
    const mark = newMark();
    const words = [run, caller(), String(session.lockWaitSeconds), String(Math.ceil(job.timeoutSeconds))];
    const checked = [...program.check, other?.check[1] ?? "", other?.path ?? ""];
    const started = [program.path, ...job.args, ...(other === undefined ? [] : [other.path])];
    const result = await exec(connection, scriptCommand(script, [...words, mark, ...checked, ...started]), {
      doing: "run a program",
      limitBytes: OUTPUT_LIMIT,
      patienceSeconds: session.lockWaitSeconds + job.timeoutSeconds + MARGIN_SECONDS,
      onOutput: byLines(tellLines(session, mark, job.onLine)),
      ...(job.signal !== undefined && { signal: job.signal }),
    });
    if (job.signal?.aborted) throw failures.interrupted(board);
    if (result.overflowed) throw failures.tooMuchOutput(board, OUTPUT_LIMIT);
    const own = ownOutput(result, mark);
    const exitCode = await judge(session, job, run, own);
    return typeof exitCode === "string" ? exitCode : await collect(session, job, run, exitCode, own);
  } finally {
    const names = [...job.files, ...job.fetch].map((file) => `files/${file.name}`);
    await removeRun(session, run, [...names, "files/", "outcome"], job.signal?.aborted === true);
  }
}

/** Says for whom a run waits, once for each holder of the lock, and hands on the lines behind the mark: the program's own. */
function tellLines(
  { connection, lockWaitSeconds, notice }: BoardSession,
  mark: string,
  onLine: Job["onLine"],
): (line: string) => void {
  let begun = false;
  return (line) => {
    if (begun) onLine?.(line);
    if (line.endsWith(mark)) begun = true;
    if (begun || !line.startsWith(`${mark} waits `)) return;
    const { held, holder } = holderOf(line.slice(`${mark} waits `.length));
    const name = connection.at.name;
    notice(
      `waiting up to ${seconds(lockWaitSeconds)} for \`${name}\`: in use by ${holder}, for ${seconds(held)} now`,
    );
  };
}

/** The program's own output: what comes after the mark, without what start-up files printed. */
function ownOutput(result: ExecResult, mark: string): ExecResult {
  return { ...result, stdout: afterMark(result.stdout, mark), stderr: afterMark(result.stderr, mark) };
}

/** The program's exit code, or the reason why there is none. */
async function judge(
  session: BoardSession,
  job: Job,
  run: string,
  result: ExecResult,
): Promise<number | Damage> {
  const board = session.connection.at.name;
  if (result.status === 0) return 0;
  const said = await session.files.read(`${run}/outcome`, OUTCOME_LIMIT);
  const outcome = said === "other" ? "" : (said?.toString().trim() ?? "");
  const stderr = result.stderr.toString();
  if (outcome === "damaged") return "program damaged";
  if (outcome === "damaged second") return "other damaged";
  if (outcome === "" && result.status === SCRIPT_DAMAGED) return "script damaged";
  if (outcome === "timeout" || result.outOfPatience) throw failures.ranTooLong(board, job.timeoutSeconds);
  if (outcome.startsWith("locked ")) {
    const { held, holder } = holderOf(outcome.slice("locked ".length));
    throw boardBusy(board, holder, held, session.lockWaitSeconds);
  }
  if (outcome === "no lock" || outcome === "no folder") {
    throw cannotWrite(board, outcome === "no lock" ? LOCK_FOLDER : run, stderr.trim() || NO_ACCESS);
  }
  const status = /^exit \d+$/.test(outcome) ? Number(outcome.slice("exit ".length)) : result.status;
  if (status === undefined) throw connectionLost(board, "the command ended without an exit status");
  const ended = splitStatus(status);
  if (ended.kind === "signal") throw failures.killedBySignal(board, ended.signal, stderr);
  if (tellsOfFullDisk(stderr)) throw await whyFull(session);
  const refusal = await whyNotStarted(session, job, ended.code, stderr);
  if (refusal !== undefined) throw refusal;
  return ended.code;
}

/** Of a program that had no room for what it wrote. */
async function whyFull({ connection, folders }: BoardSession): Promise<UserError> {
  return diskFull(connection.at, folders.runs, (await freeBytes(connection, folders.runs)) ?? 0, undefined);
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
  for (const wanted of job.fetch) {
    const { name } = wanted;
    const data = await session.files.read(`${run}/files/${name}`, wanted.bytes);
    if (data === undefined && exitCode === 0) {
      throw failures.resultMissing(session.connection.at.name, name, exitCode, stderr);
    }
    if (data === undefined) continue;
    const fits = data !== "other" && (wanted.orLess === true || data.length === wanted.bytes);
    // What a program that failed leaves half written is not looked at.
    if (fits) fetched.set(name, data);
    else if (exitCode === 0)
      throw failures.resultUnfit(session.connection.at.name, wanted, data === "other" ? data : data.length);
  }
  return { stdout: result.stdout.toString(), stderr, exitCode, files: fetched };
}

/** Time for a board to remove a folder while a person waits for the end. */
const HASTE_SECONDS = 0.15;

/** A lost connection cannot clean up: the script on the board does it then, or the next run. */
async function removeRun(
  { files, connection }: BoardSession,
  run: string,
  names: readonly string[],
  inHaste: boolean,
): Promise<void> {
  const asking = { doing: `remove ${run}`, ...(inHaste && { seconds: HASTE_SECONDS }) };
  await answerOf(connection, files.removeTree(run, names), asking).catch(() => {});
}
