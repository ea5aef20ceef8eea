import pLimit from "p-limit";
import type { SFTPWrapper } from "ssh2";
import { UserError } from "../../support/diagnostic.ts";
import { plainText } from "../plain-text.ts";
import { type BoardFiles, refusal, sftpFiles } from "./files.ts";
import { answerOf } from "./patience.ts";
import { runMarked, shellFiles } from "./shell-files.ts";
import type { Connection, RemoteCommand } from "./transport.ts";

/** A board's files, and the connection that commands beside them are to take. */
export interface OpenedFiles {
  readonly files: BoardFiles;
  readonly connection: Connection;
  /** The board runs nothing beside a command. */
  readonly oneAtATime: boolean;
}

/** A file protocol that says nothing for so long is not waited for: there is another way. */
const SFTP_SECONDS = 10;

/**
 * Opens the files of a board: by sftp; or by commands, where the board has no sftp, start-up files spoil it with what they
 * print, or there is room for one channel only. `notice` is told. Throws D125, D109.
 */
export async function openFiles(
  to: Connection,
  notice: (text: string) => void = () => {},
): Promise<OpenedFiles> {
  const sftp = await openSftp(to);
  const beside = sftp instanceof Error ? await waiting(to) : closing(sftp);
  const probe = await probeShell(to);
  const tell = (why: string): void => notice(`files of \`${to.at.name}\` go through its shell: ${why}`);
  if (probe instanceof Error) {
    // Something else holds the only channel there is.
    if (beside === undefined) throw probe;
    await leave(to, beside);
    const connection = oneCommandAtATime(to);
    const alone = await probeShell(connection);
    if (alone instanceof Error) throw alone;
    tell("it runs one command at a time");
    return { files: shellFiles(connection, refusal(connection)), connection, oneAtATime: true };
  }
  if (!(sftp instanceof Error)) return { files: sftpFiles(to, sftp), connection: to, oneAtATime: false };
  if (beside !== undefined) await leave(to, beside);
  const noise = plainText(probe).trim().split("\n")[0]?.slice(0, 60) ?? "";
  tell(noise === "" ? sftp.message : `its start-up files print text (\`${noise}\`), which spoils sftp`);
  return { files: shellFiles(to, refusal(to)), connection: to, oneAtATime: false };
}

async function openSftp(to: Connection): Promise<SFTPWrapper | Error> {
  if (to.openSftp === undefined) return new Error("ssh carries commands alone");
  const asking = { doing: "open sftp", seconds: Math.min(SFTP_SECONDS, to.patienceSeconds) };
  const sftp = await answerOf(to, to.openSftp(), asking, (late) => late.end()).catch(reasonOf);
  if (!(sftp instanceof Error)) sftp.on("error", () => {});
  return sftp;
}

/** The reason why sftp is not there; a connection that is lost stays an error. */
function reasonOf(error: unknown): Error {
  if (error instanceof UserError && error.diagnostic.code !== "D109") throw error;
  return new Error(
    error instanceof Error && !(error instanceof UserError)
      ? `it has no sftp (${error.message})`
      : "its sftp does not answer",
  );
}

/** Gives up a channel; resolves when the board has, too. */
type GiveUp = () => Promise<unknown>;

/** A board that does not close a channel is not waited for long. */
async function leave(to: Connection, giveUp: GiveUp): Promise<void> {
  await answerOf(to, giveUp(), { doing: "close a channel", seconds: 1 }).catch(() => {});
}

function closing(sftp: SFTPWrapper): GiveUp {
  return () =>
    new Promise((resolve) => {
      sftp.once("close", resolve);
      sftp.end();
    });
}

/** A command that takes up a channel, where a connection has several. */
async function waiting(to: Connection): Promise<GiveUp | undefined> {
  if (to.openSftp === undefined) return undefined;
  const command = await answerOf(to, to.start("cat"), { doing: "start a command" });
  command.stdout.resume();
  command.stderr.resume();
  return () => {
    command.stdin.end();
    return command.ended;
  };
}

/** What start-up files print before a command, or why there is no command. */
async function probeShell(to: Connection): Promise<string | Error> {
  const options = { doing: "run a command", limitBytes: 2 ** 20 };
  return runMarked(to, "true", [], options).then(
    ({ noise }) => noise,
    (error: unknown) => {
      if (error instanceof UserError && error.diagnostic.code === "D125") return error;
      throw error;
    },
  );
}

/** The same connection; a command waits for the one before. */
function oneCommandAtATime(to: Connection): Connection {
  const turn = pLimit(1);
  return {
    ...to,
    start: (line) =>
      new Promise((resolve, reject) => {
        void turn(async () => {
          const command = await startPatiently(to, line);
          resolve(command);
          await Promise.race([command.ended, to.lost]);
        }).catch(reject);
      }),
  };
}

const RELEASE_MS = 100;
const RELEASES = 20;

/** A server frees a channel a moment after it has closed. */
async function startPatiently(to: Connection, line: string): Promise<RemoteCommand> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await to.start(line);
    } catch (error) {
      if (attempt >= RELEASES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RELEASE_MS));
    }
  }
}
