import type { Duplex } from "node:stream";
import { UserError } from "../../support/diagnostic.ts";
import * as failures from "../board-failures.ts";
import { BeyondSsh2, whyProgram } from "./choice.ts";
import { type Destination, resolveDestination } from "./destination.ts";
import { type ConnectOptions, openConnection, type Ssh2Connection } from "./handshake.ts";
import { connectByProgram } from "./program.ts";
import { runProxy } from "./proxy.ts";
import type { Connection } from "./transport.ts";

const MOST_JUMPS = 8;
const ATTEMPTS = 3;

/**
 * Connects as `ssh NAME` would, through jump hosts if need be; by the program itself where ssh2 cannot.
 * Throws D102 to D115, D137.
 */
export async function connect(at: Destination, options: ConnectOptions): Promise<Connection> {
  try {
    return await connectVia(at, options, at.jumps, 0);
  } catch (error) {
    if (!(error instanceof BeyondSsh2)) throw error;
    options.notice?.(`\`${at.name}\` is reached by the program ssh, for ${error.reason}`);
    return connectByProgram(at, error.reason, options);
  }
}

async function connectVia(
  at: Destination,
  options: ConnectOptions,
  jumps: readonly string[],
  depth: number,
): Promise<Ssh2Connection> {
  if (depth > MOST_JUMPS) throw failures.proxyFailed(at, `more than ${MOST_JUMPS} jump hosts`);
  const reason = await whyProgram(at);
  if (reason !== undefined) throw new BeyondSsh2(reason);
  const last = jumps[jumps.length - 1];
  if (last === undefined) return connectPatiently(at, options);
  const hop = {
    ...(await resolveDestination(last, options.configFile)),
    onTheWayTo: at.onTheWayTo ?? at.name,
  };
  const before = jumps.length > 1 ? jumps.slice(0, -1) : hop.jumps;
  const through = await connectVia(hop, options, before, depth + 1);
  try {
    const stream = await forward(through, at);
    const connection = await openConnection(at, options, stream);
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

function forward(through: Ssh2Connection, to: Destination): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    through.client.forwardOut("127.0.0.1", 0, to.host, to.port, (error, channel) => {
      if (error) reject(failures.proxyFailed(to, `jump host ${through.at.name} says: ${error.message}`));
      else resolve(channel);
    });
  });
}

/** An sshd with many callers drops some before the handshake (MaxStartups): that is worth another try. */
async function connectPatiently(at: Destination, options: ConnectOptions): Promise<Ssh2Connection> {
  for (let attempt = 1; ; attempt++) {
    const proxy = at.proxyCommand === undefined ? undefined : runProxy(at, at.proxyCommand);
    try {
      return await openConnection(at, options, proxy?.stream);
    } catch (error) {
      const complaint = proxy?.complaint();
      if (complaint !== undefined) throw failures.proxyFailed(at, complaint);
      const dropped = error instanceof UserError && error.diagnostic.code === "D107";
      if (!dropped || attempt >= ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
    }
  }
}
