import type { Readable, Writable } from "node:stream";
import type { Client, SFTPWrapper } from "ssh2";
import { commandsRefused, type Endpoint } from "../board-failures.ts";

/** A command that runs on a board. */
export interface RemoteCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its exit status, once everything it said was handed out; undefined when the board gave none. */
  readonly ended: Promise<number | undefined>;
  /** Forgets it at once, whatever the board does. */
  abandon(): void;
}

/** An open way to a board. What is above it needs commands and nothing else; files may have a channel of their own. */
export interface Connection {
  readonly at: Endpoint;
  /** The key it has proved to have, in base64, where this way knows it. */
  readonly hostKey?: string;
  /** How long the board may say nothing where it owes an answer. */
  readonly patienceSeconds: number;
  /** Rejects with D133 when the way breaks; never resolves. */
  readonly lost: Promise<never>;
  /** Starts a line for the account's login shell. Rejects with D125 when the board refuses. */
  start(line: string): Promise<RemoteCommand>;
  /** The same for a line that reads nothing and is soon over, one at a time, where this way has something quicker for it. */
  ask?(line: string): Promise<RemoteCommand>;
  /** The protocol for files, where this way has one; rejects with the board's words when it refuses. */
  openSftp?(): Promise<SFTPWrapper>;
  close(): Promise<void>;
}

/** What is started over a client of ssh2. */
export function startOver(client: Client, at: Endpoint, line: string): Promise<RemoteCommand> {
  return whileConnected((resolve, reject) => {
    client.exec(line, (error, channel) => {
      if (error) return reject(commandsRefused(at, error.message));
      let status: number | undefined;
      channel.on("exit", (code: number | null) => {
        status = code ?? undefined;
      });
      // A channel that was closed under our feet may still be written to.
      channel.on("error", () => {});
      const ended = new Promise<number | undefined>((done) => channel.on("close", () => done(status)));
      resolve({
        ...{ stdin: channel, stdout: channel, stderr: channel.stderr, ended },
        abandon: () => channel.close(),
      });
    });
  });
}

export function sftpOver(client: Client): Promise<SFTPWrapper> {
  return whileConnected((resolve, reject) => {
    client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)));
  });
}

type Settle<T> = ConstructorParameters<typeof Promise<T>>[0];

/** ssh2 throws where the connection is gone; that is told by `lost` in a moment. */
function whileConnected<T>(ask: Settle<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      ask(resolve, reject);
    } catch {
      // nothing is said here
    }
  });
}
