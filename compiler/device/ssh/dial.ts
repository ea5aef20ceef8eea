import { connect, type Socket } from "node:net";
import type { UserError } from "../../support/diagnostic.ts";
import * as failures from "../board-failures.ts";
import { interrupted } from "../run-failures.ts";
import type { Destination } from "./destination.ts";

/** A host has several addresses at times; far ones need longer to answer than Node waits before it tries the next. */
const ADDRESS_MS = 5000;

/** Opens a TCP connection to where a destination's server listens. Throws D102, D103, D104. */
export function dial(at: Destination, signal: AbortSignal | undefined): Promise<Socket> {
  const { host, port, connectTimeoutSeconds: seconds } = at;
  const family = { any: 0, inet: 4, inet6: 6 }[at.family];
  const socket = connect({ host, port, family, autoSelectFamilyAttemptTimeout: ADDRESS_MS });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      socket.destroy();
      reject(error);
    };
    const abort = (): void => fail(interrupted(at.name));
    const timer = setTimeout(
      () => fail(failures.noAnswer(at, `no answer within ${seconds} s`)),
      seconds * 1000,
    );
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    socket.on("error", (error) => fail(explainSocket(at, error)));
    socket.once("connect", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      resolve(socket);
    });
  });
}

/** What the operating system says of a connection, for the user. */
export function explainSocket(at: Destination, error: Error & { code?: string }): UserError {
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
