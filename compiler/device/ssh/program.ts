import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { connectionLost } from "../board-failures.ts";
import { programFailed } from "../link-failures.ts";
import { interrupted } from "../run-failures.ts";
import type { Destination } from "./destination.ts";
import type { ConnectOptions } from "./handshake.ts";
import { keptShell } from "./kept-shell.ts";
import { answerPatienceOf } from "./silence.ts";
import type { Connection, RemoteCommand } from "./transport.ts";

/** The status with which `ssh` tells of its own failure. */
const OWN_FAILURE = 255;
const LOOK_MS = 15;

/**
 * A way to a board by the program `ssh`, for what ssh2 cannot do; `reason` says what that is. Commands share one
 * connection, the user's kept one where there is one. Throws D115 with the program's words, D137.
 */
export async function connectByProgram(
  at: Destination,
  reason: string,
  options: ConnectOptions,
): Promise<Connection> {
  const always = ["-T", "-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes", ...aliveOptions(at)];
  const patienceSeconds = answerPatienceOf(at.alive);
  if (at.keptConnection) {
    const start = (line: string) => startBy("ssh", [...always, ...at.words, line], OWN_FAILURE);
    const kept = keptShell(start);
    const close = async (): Promise<void> => kept.close();
    return { at, patienceSeconds, lost: new Promise(() => {}), start, ask: kept.start, close };
  }
  const folder = await mkdtemp(join(tmpdir(), "tilewright-ssh-"));
  const socket = join(folder, "s");
  const shared = [...always, "-o", `ControlPath=${socket}`];
  const master = startMaster([
    ...shared,
    "-o",
    "ControlMaster=yes",
    "-o",
    "ControlPersist=no",
    "-N",
    ...at.words,
  ]);
  const start = (line: string) =>
    startBy("ssh", [...shared, "-o", "ControlMaster=no", ...at.words, line], OWN_FAILURE);
  const kept = keptShell(start);
  const close = async (): Promise<void> => {
    kept.close();
    master.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await opened(at, reason, socket, master, options.signal);
  } catch (error) {
    await close();
    throw error;
  }
  const lost = master.ended.then((said) => Promise.reject(connectionLost(at.name, said || "ssh has ended")));
  lost.catch(() => {});
  return { at, patienceSeconds, lost, start, ask: kept.start, close };
}

function aliveOptions({ alive: { intervalSeconds, countMax } }: Destination): readonly string[] {
  return ["-o", `ServerAliveInterval=${intervalSeconds}`, "-o", `ServerAliveCountMax=${countMax}`];
}

interface Master {
  /** What it said last, once it has ended. */
  readonly ended: Promise<string>;
  said(): string;
  kill(): void;
}

/** The process that holds the connection; in a group of its own, so that ctrl-C does not reach it before us. */
function startMaster(args: readonly string[]): Master {
  const child = spawn("ssh", args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-4000);
  });
  const ended = new Promise<string>((resolve) => {
    child.on("close", () => resolve(said.trim()));
    child.on("error", (error) => resolve(error.message));
  });
  const kill = (): void => {
    child.kill();
  };
  // However this process ends, what it has started ends with it.
  process.once("exit", kill);
  ended.then(() => process.off("exit", kill));
  return { ended, said: () => said.trim(), kill };
}

/** Waits for the socket, which is there when the login is complete. */
async function opened(
  at: Destination,
  reason: string,
  socket: string,
  master: Master,
  signal: AbortSignal | undefined,
): Promise<void> {
  let over: string | undefined;
  void master.ended.then((said) => {
    over = said;
  });
  for (let waited = 0; !existsSync(socket); waited += LOOK_MS) {
    if (signal?.aborted) throw interrupted(at.name);
    if (over !== undefined) throw programFailed(at, reason, over);
    if (waited > at.handshakeSeconds * 1000) {
      throw programFailed(at, reason, `${master.said()}\nno login within ${at.handshakeSeconds} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Starts a command of a program that carries it to a board; `ownFailure` is the status with which that tells of its own. */
export async function startBy(
  program: string,
  args: readonly string[],
  ownFailure?: number,
): Promise<RemoteCommand> {
  const child = spawn(program, args, { stdio: "pipe", detached: true });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => {});
  const ended = new Promise<number | undefined>((resolve) => {
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => resolve(code === null || code === ownFailure ? undefined : code));
  });
  const stdin: Writable = child.stdin;
  return { stdin, stdout: child.stdout, stderr: child.stderr, ended, abandon: () => child.kill() };
}
