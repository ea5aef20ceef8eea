import { UserError } from "../../support/diagnostic.ts";
import type { NamedServer } from "./server/named-server.ts";

/** Why a queue cannot be used. None of these shows a password. */

/** What is said of each kind of server. */
const SERVERS: Readonly<
  Record<NamedServer["kind"], Readonly<Record<"name" | "ask" | "login" | "get" | "look", string>>>
> = {
  redis: {
    name: "Redis",
    ask: "see whether the server runs there and is reached from here: `redis-cli -h HOST -p PORT ping`",
    login: "give them in the address: redis://USER:PASSWORD@HOST, or redis://:PASSWORD@HOST without a user",
    get: "Debian 12 has Redis 7: `apt-get install redis-server`",
    look: "see its memory (`redis-cli info memory`), its disk, and what this user may do there (`redis-cli acl whoami`)",
  },
  postgres: {
    name: "PostgreSQL",
    ask: "see whether the server runs there, has this database (`createdb`), and is reached from here: `psql ADDRESS -c 'select 1'`",
    login:
      "give them in the address: postgres://USER:PASSWORD@HOST/DATABASE, `?sslmode=require` where it wants TLS",
    get: "Debian 12 has PostgreSQL 15: `apt-get install postgresql`",
    look: "see its disk, and what this user may do there: it makes two schemas at first, `grant create on database DATABASE to USER`",
  },
};

export function queueAddressRefused(why: string): UserError {
  return new UserError({
    code: "C371",
    exit: "usage",
    title: "`--queue` is no address of a queue",
    why,
    help: [
      "it is redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss://... for TLS,\nor postgres://[USER:PASSWORD@]HOST[:PORT]/DATABASE[?sslmode=MODE]",
    ],
  });
}

export function queueUnreachable({ kind, shown }: NamedServer, why: string, cause: unknown): UserError {
  return new UserError(
    {
      code: "D191",
      exit: "boardUnreachable",
      title: `no queue answers at \`${shown}\``,
      why,
      help: [SERVERS[kind].ask],
    },
    { cause },
  );
}

export function queueRefuses({ kind, shown }: NamedServer, why: string): UserError {
  return new UserError({
    code: "D192",
    exit: "boardRefused",
    title: `the queue at \`${shown}\` lets nobody in with this user and password`,
    why,
    help: [SERVERS[kind].login],
  });
}

export function queueTooOld({ kind, shown }: NamedServer, version: string, least: number): UserError {
  return new UserError({
    code: "D193",
    exit: "boardRefused",
    title: `the server at \`${shown}\` is too old for a queue: ${SERVERS[kind].name} ${version}`,
    why: `queues need ${SERVERS[kind].name} ${least} or newer`,
    help: [SERVERS[kind].get],
  });
}

/** `seconds`: how long it was waited for. */
export function queueLost({ shown }: NamedServer, seconds: number): UserError {
  return new UserError({
    code: "D194",
    exit: "boardUnreachable",
    title: `the queue at \`${shown}\` was lost, and did not come back for ${seconds} s`,
    why: "the connection to its server is broken",
    help: ["nothing that was logged is lost: the same command again goes on from there"],
  });
}

/** `said`: what the server says. */
export function queueFails({ kind, shown }: NamedServer, said: string, cause: unknown): UserError {
  return new UserError(
    {
      code: "D199",
      exit: "boardRefused",
      title: `the server of the queue at \`${shown}\` does not do what is asked of it`,
      why: said,
      help: [SERVERS[kind].look],
    },
    { cause },
  );
}

export function noWorker(wanted: string, there: readonly string[]): UserError {
  return new UserError({
    code: "D195",
    exit: "boardUnreachable",
    title: `no worker of the queue serves ${wanted}`,
    why: there.length === 0 ? "no worker is there" : there.join("\n"),
    help: [
      "start one: `tilewright worker --queue ADDRESS --target TARGET [--board BOARD]`, of this very build",
    ],
  });
}

export function boardTaken(board: string, holder: string): UserError {
  return new UserError({
    code: "D196",
    exit: "boardRefused",
    title: `\`${board}\` belongs to another worker of the queue`,
    why: `${holder} has it`,
    help: ["a board has one worker at a time: end that one, or wait until it is gone"],
  });
}

/** `said`: what the worker says. */
export function workRefused(said: string): UserError {
  return new UserError({
    code: "D197",
    exit: "boardRefused",
    title: "a worker of the queue did not do what was asked of it",
    why: said,
    help: ["nothing that was logged is lost: the same command again goes on from there"],
  });
}

export function answerUnreadable(why: string): UserError {
  return new UserError({
    code: "D198",
    exit: "boardRefused",
    title: "what the queue holds as a worker's answer is none",
    why,
    help: ["another program writes to this queue: take another database of its server"],
  });
}
