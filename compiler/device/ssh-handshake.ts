import type { Duplex } from "node:stream";
import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from "ssh2";
import ssh2 from "ssh2";
import type { UserError } from "../support/diagnostic.ts";
import * as failures from "./board-failures.ts";
import type { Destination } from "./ssh-destination.ts";
import {
  checkHostKey,
  type HostKeyVerdict,
  knownKeys,
  preferredAlgorithms,
  rememberHostKey,
} from "./ssh-host-key.ts";
import { type Login, prepareLogin } from "./ssh-login.ts";

/** An open, checked and logged-in connection. */
export interface Connection {
  readonly at: Destination;
  readonly client: Client;
  /** Rejects with D133 when the connection breaks; never resolves. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Takes the place of the user's ssh configuration, like `ssh -F`. */
  readonly configFile?: string;
  /** Told of what the user should know, for example that a new host's key was recorded. */
  readonly notice?: (text: string) => void;
}

/** ssh2's own choice and order; a key already known moves its type to the front. */
const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** Shakes hands and logs in, over `stream` or else a connection of its own. Throws D102 to D114. */
export async function openConnection(
  at: Destination,
  options: ConnectOptions,
  stream: Duplex | undefined,
): Promise<Connection> {
  const known = await knownKeys(at);
  const login = await prepareLogin(at);
  const guard = guardHostKey(at, options, (blob) => checkHostKey(at, blob, known));
  const client = new ssh2.Client();
  const config: ConnectConfig = {
    ...(stream === undefined ? { host: at.host, port: at.port } : { sock: stream }),
    ...(at.family === "inet" && { forceIPv4: true }),
    ...(at.family === "inet6" && { forceIPv6: true }),
    username: at.user,
    readyTimeout: at.connectTimeoutSeconds * 1000,
    keepaliveInterval: 5000,
    keepaliveCountMax: 3,
    algorithms: { serverHostKey: [...preferredAlgorithms(known, HOST_KEY_ALGORITHMS)] },
    authHandler: login.handler,
    hostVerifier: guard.verify,
  };
  let breakConnection: (error: UserError) => void = () => {};
  const lost = new Promise<never>((_resolve, reject) => {
    breakConnection = reject;
  });
  lost.catch(() => {});
  let reason = "the board or the network closed it";
  let closed = false;
  await new Promise<void>((resolve, reject) => {
    client.on("ready", resolve);
    client.on("error", (error: Error & { level?: string }) => {
      // An agent that fails is only one way less to log in.
      if (error.level === "agent") return;
      reason = error.message;
      reject(guard.refusal() ?? explain(at, error, login));
    });
    client.on("close", () => {
      closed = true;
      reject(failures.handshakeFailed(at, "the connection was closed before the login was complete"));
      breakConnection(failures.connectionLost(at.name, reason));
    });
    client.connect(config);
  }).catch((error: unknown) => {
    client.destroy();
    throw error;
  });
  client.setNoDelay(true);
  return { at, client, lost, close: async () => (closed ? undefined : end(client)) };
}

interface HostKeyGuard {
  readonly verify: (blob: Buffer, answer: (valid: boolean) => void) => void;
  /** Why the key was refused, if it was. */
  refusal(): UserError | undefined;
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
  };
}

function end(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      client.destroy();
      resolve();
    }, 2000);
    client.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.end();
  });
}

/** Turns what ssh2 and the socket say into what the user can act on. */
function explain(at: Destination, error: Error & { level?: string; code?: string }, login: Login): UserError {
  switch (error.level) {
    case "client-dns":
      return failures.hostNotFound(at);
    case "client-timeout":
      return failures.noAnswer(at, `no answer within ${at.connectTimeoutSeconds} s`);
    case "client-authentication":
      return failures.loginRefused(at, login.tried, login.skipped, login.accepted);
    case "client-socket":
      return explainSocket(at, error);
    default:
      if (/authentication failures/i.test(error.message)) {
        return failures.loginRefused(at, login.tried, [...login.skipped, error.message], login.accepted);
      }
      return failures.handshakeFailed(at, error.message);
  }
}

function explainSocket(at: Destination, error: Error & { code?: string }): UserError {
  if (at.proxyCommand !== undefined) return failures.proxyFailed(at, error.message);
  switch (error.code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failures.hostNotFound(at);
    case "ECONNREFUSED":
      return failures.connectionRefused(at);
    case "ETIMEDOUT":
      return failures.noAnswer(at, "no answer");
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return failures.noAnswer(at, "no route to it");
    default:
      return failures.handshakeFailed(at, error.message);
  }
}
