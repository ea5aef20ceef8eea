import type { Duplex } from "node:stream";
import type { Client, ConnectConfig } from "ssh2";
import ssh2 from "ssh2";
import type { UserError } from "../../support/diagnostic.ts";
import * as failures from "../board-failures.ts";
import { interrupted } from "../run-failures.ts";
import { ssh2Algorithms } from "./algorithms.ts";
import { BeyondSsh2 } from "./choice.ts";
import type { Destination } from "./destination.ts";
import { dial, explainSocket } from "./dial.ts";
import {
  checkHostKey,
  type HostKeyVerdict,
  knownKeys,
  preferredAlgorithms,
  rememberHostKey,
} from "./host-key.ts";
import { type Login, prepareLogin } from "./login.ts";
import { answerPatienceOf, patienceOf, watchSilence } from "./silence.ts";
import { type Connection, sftpOver, startOver } from "./transport.ts";

/** A connection of ssh2's. */
export interface Ssh2Connection extends Connection {
  readonly at: Destination;
  readonly client: Client;
}

export interface ConnectOptions {
  /** Takes the place of the user's ssh configuration, like `ssh -F`. */
  readonly configFile?: string;
  /** Told of what the user should know, for example that a new host's key was recorded. */
  readonly notice?: (text: string) => void;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Shakes hands and logs in, over `stream` or else a connection of its own. Throws D102 to D114, D137. */
export async function openConnection(
  at: Destination,
  options: ConnectOptions,
  stream: Duplex | undefined,
): Promise<Ssh2Connection> {
  const algorithms = ssh2Algorithms(at.algorithms);
  if ("lacks" in algorithms) throw new BeyondSsh2(`algorithms that ssh2 has not (${algorithms.lacks})`);
  const known = await knownKeys(at);
  // A key already known moves its type to the front.
  const serverHostKey = [...preferredAlgorithms(known, algorithms.serverHostKey)];
  const login = await prepareLogin(at);
  const guard = guardHostKey(at, options, (blob) => checkHostKey(at, blob, known));
  const client = new ssh2.Client();
  const link = stream ?? (await dial(at, options.signal));
  const ended = endOf(at, client);
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => reject(interrupted(at.name));
    options.signal?.addEventListener("abort", abort, { once: true });
    client.on("ready", resolve);
    client.on("error", (error: Error & { level?: string }) => {
      // An agent that fails is only one way less to log in.
      if (error.level !== "agent") reject(guard.refusal() ?? explain(at, error, login));
    });
    client.on("close", () => {
      reject(failures.handshakeFailed(at, "the connection was closed before the login was complete"));
    });
    client.connect({
      ...configOf(at, { ...algorithms, serverHostKey }),
      ...{ sock: link, authHandler: login.handler, hostVerifier: guard.verify },
    });
    // A ProxyCommand that has ended meanwhile says nothing more.
    if (link.destroyed) reject(failures.handshakeFailed(at, "the connection was closed before it began"));
    if (options.signal?.aborted) abort();
  }).catch((error: unknown) => {
    link.destroy();
    throw error;
  });
  client.setNoDelay(true);
  const unwatch = watchSilence(link, at.alive, () => {
    ended.because(`not a byte came for ${patienceOf(at.alive)} s`);
    link.destroy();
  });
  client.on("close", unwatch);
  const hostKey = guard.accepted()?.toString("base64");
  return {
    ...{ at, client, lost: ended.lost, patienceSeconds: answerPatienceOf(at.alive) },
    ...(hostKey !== undefined && { hostKey }),
    start: (line) => startOver(client, at, line),
    openSftp: () => sftpOver(client),
    close: async () => (ended.isOver() ? undefined : end(client, link)),
  };
}

function configOf(at: Destination, algorithms: NonNullable<ConnectConfig["algorithms"]>): ConnectConfig {
  return {
    username: at.user,
    readyTimeout: at.handshakeSeconds * 1000,
    // Asks the other side now and then; what silence means is judged by `watchSilence`.
    keepaliveInterval: at.alive.intervalSeconds * 1000,
    keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    algorithms,
  };
}

interface End {
  readonly lost: Promise<never>;
  readonly isOver: () => boolean;
  /** Gives a better reason than what the connection says when it ends. */
  readonly because: (reason: string) => void;
}

/** Watches for the end of a connection. */
function endOf(at: Destination, client: Client): End {
  let reason = "the board or the network closed it";
  let over = false;
  const lost = new Promise<never>((_resolve, reject) => {
    client.on("close", () => {
      over = true;
      reject(failures.connectionLost(at.name, reason));
    });
  });
  lost.catch(() => {});
  client.on("error", (error: Error & { level?: string }) => {
    if (error.level !== "agent") reason = error.message;
  });
  const because = (better: string): void => {
    reason = better;
  };
  return { lost, isOver: () => over, because };
}

interface HostKeyGuard {
  readonly verify: (blob: Buffer, answer: (valid: boolean) => void) => void;
  /** Why the key was refused, if it was. */
  refusal(): UserError | undefined;
  accepted(): Buffer | undefined;
}

/** ssh2 accepts every host key unless it is given such a function. */
function guardHostKey(
  at: Destination,
  options: ConnectOptions,
  check: (blob: Buffer) => Promise<HostKeyVerdict>,
): HostKeyGuard {
  let refused: UserError | undefined;
  let accepted: Buffer | undefined;
  const decide = async (blob: Buffer): Promise<boolean> => {
    // Keys are exchanged anew now and then on a long connection.
    if (accepted?.equals(blob)) return true;
    const verdict = await check(blob);
    if (verdict.kind === "refused") {
      refused = verdict.error;
      return false;
    }
    if (verdict.kind === "accept-new") {
      await rememberHostKey(at, blob);
      options.notice?.(
        `the host key of \`${at.name}\` was new and is now known (StrictHostKeyChecking accept-new)`,
      );
    }
    accepted = blob;
    return true;
  };
  return {
    verify: (blob, answer) => {
      decide(blob).then(answer, (error: unknown) => {
        refused = failures.handshakeFailed(at, `its host key cannot be checked: ${String(error)}`);
        answer(false);
      });
    },
    refusal: () => refused,
    accepted: () => accepted,
  };
}

/** Time for a server to take its leave. */
const LEAVE_MS = 150;

/** ssh2 leaves a connection that it has said farewell to open, until all that is queued is sent. */
function end(client: Client, link: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      link.destroy();
      resolve();
    }, LEAVE_MS);
    client.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.end();
  });
}

/** Turns what ssh2 and the socket say into what the user can act on, or into a wish for the program `ssh`. */
function explain(at: Destination, error: Error & { level?: string; code?: string }, login: Login): Error {
  switch (error.level) {
    case "client-timeout":
      return failures.noAnswer(at, `no answer within ${at.handshakeSeconds} s`);
    case "client-authentication":
      return explainLogin(at, login);
    case "client-socket":
      if (at.proxyCommand !== undefined) return failures.proxyFailed(at, error.message);
      return explainSocket(at, error);
    default:
      if (/authentication failures/i.test(error.message)) {
        return failures.loginRefused(at, login.tried, [...login.skipped, error.message], login.accepted);
      }
      if (/no matching/i.test(error.message))
        return new BeyondSsh2(`algorithms that ssh2 has not (${error.message})`);
      return failures.handshakeFailed(at, error.message);
  }
}

function explainLogin(at: Destination, { tried, skipped, accepted, beyond }: Login): Error {
  const keyless = at.keylessLogins.find((name) => accepted.includes(name));
  const reason = beyond[0] ?? (keyless && `a login by ${keyless}`);
  return reason === undefined ? failures.loginRefused(at, tried, skipped, accepted) : new BeyondSsh2(reason);
}
