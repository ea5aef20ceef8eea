import type { Duplex } from "node:stream";
import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from "ssh2";
import ssh2 from "ssh2";
import { UserError } from "../support/diagnostic.ts";
import * as failures from "./board-failures.ts";
import { type Destination, resolveDestination } from "./ssh-destination.ts";
import { judgeHostKey, knownKeys, preferredAlgorithms, rememberHostKey } from "./ssh-host-key.ts";
import { type Login, prepareLogin } from "./ssh-login.ts";
import { runProxy } from "./ssh-proxy.ts";

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
const MOST_JUMPS = 8;
const ATTEMPTS = 3;

/** Connects as `ssh NAME` would, through jump hosts if need be. Throws D102 to D114. */
export async function connect(at: Destination, options: ConnectOptions): Promise<Connection> {
  return connectVia(at, options, at.jumps, 0);
}

async function connectVia(
  at: Destination,
  options: ConnectOptions,
  jumps: readonly string[],
  depth: number,
): Promise<Connection> {
  if (depth > MOST_JUMPS) throw failures.proxyFailed(at, `more than ${MOST_JUMPS} jump hosts`);
  const last = jumps[jumps.length - 1];
  if (last === undefined) return connectPatiently(at, options);
  const hop = {
    ...(await resolveDestination(jumpName(last), options.configFile)),
    onTheWayTo: at.onTheWayTo ?? at.name,
  };
  const before = jumps.length > 1 ? jumps.slice(0, -1) : hop.jumps;
  const through = await connectVia(hop, options, before, depth + 1);
  try {
    const stream = await forward(through, at);
    const connection = await connectOnce(at, options, stream);
    return {
      ...connection,
      close: async () => {
        await connection.close();
        await through.close();
      },
    };
  } catch (error) {
    await through.close();
    throw error;
  }
}

/** ProxyJump also takes `user@host:port`, which as a destination is spelt with a scheme. */
function jumpName(jump: string): string {
  return !jump.startsWith("ssh://") && /^[^[\]:]+:\d+$/.test(jump) ? `ssh://${jump}` : jump;
}

function forward(through: Connection, to: Destination): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    through.client.forwardOut("127.0.0.1", 0, to.host, to.port, (error, channel) => {
      if (error) reject(failures.proxyFailed(to, `jump host ${through.at.name} says: ${error.message}`));
      else resolve(channel);
    });
  });
}

/** An sshd with many callers drops some before the handshake (MaxStartups): that is worth another try. */
async function connectPatiently(at: Destination, options: ConnectOptions): Promise<Connection> {
  for (let attempt = 1; ; attempt++) {
    const proxy = at.proxyCommand === undefined ? undefined : runProxy(at, at.proxyCommand);
    try {
      return await connectOnce(at, options, proxy?.stream);
    } catch (error) {
      const complaint = proxy?.complaint();
      if (complaint !== undefined) throw failures.proxyFailed(at, complaint);
      const dropped = error instanceof UserError && error.diagnostic.code === "D107";
      if (!dropped || attempt >= ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
    }
  }
}

async function connectOnce(
  at: Destination,
  options: ConnectOptions,
  stream: Duplex | undefined,
): Promise<Connection> {
  const known = await knownKeys(at);
  const login = await prepareLogin(at);
  const client = new ssh2.Client();
  let refused: UserError | undefined;
  let accepted: Buffer | undefined;
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
    hostVerifier: (blob: Buffer, answer: (valid: boolean) => void) => {
      // Keys are exchanged anew now and then on a long connection.
      if (accepted?.equals(blob)) return answer(true);
      const verdict = judgeHostKey(at, blob, known);
      if (verdict.kind === "refused") refused = verdict.error;
      if (verdict.kind !== "accept-new") return answer(verdict.kind === "known");
      rememberHostKey(at, blob).then(
        () => {
          accepted = blob;
          options.notice?.(
            `the host key of \`${at.name}\` was new and is now known (StrictHostKeyChecking accept-new)`,
          );
          answer(true);
        },
        (error: unknown) => {
          refused = failures.proxyFailed(at, `its host key cannot be recorded: ${String(error)}`);
          answer(false);
        },
      );
    },
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
      if (error.level === "agent") return;
      reason = error.message;
      reject(refused ?? explain(at, error, login));
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
