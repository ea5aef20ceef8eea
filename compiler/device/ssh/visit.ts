import { type BoardFacts, parseFacts } from "../board-facts.ts";
import { askBoard } from "../board-script.ts";
import { type BoardState, parseBoardState } from "../board-state.ts";
import { type Holdings, parseHoldings } from "../known/holdings.ts";
import { ADB_FOLDER, adbSerial, connectByAdb } from "./adb.ts";
import { connect } from "./connect.ts";
import { resolveDestination } from "./destination.ts";
import type { ConnectOptions } from "./handshake.ts";
import { openFiles } from "./open-files.ts";
import { heeding } from "./patience.ts";
import type { Connection } from "./transport.ts";

export interface VisitOptions extends ConnectOptions {
  readonly remoteDir?: string | undefined;
}
/** What a board tells of itself. Nothing is put there. */
export interface Visit {
  readonly holdings: Holdings;
  readonly facts: BoardFacts;
  readonly state: BoardState;
}

/** Asks a board what it is, how it is and what it keeps. Throws what connecting does, D109, D125, D133, D137. */
export function visitBoard(name: string, options: VisitOptions): Promise<Visit> {
  return withWay(name, options, async (way) => ({
    holdings: await askHoldings(way, options),
    facts: parseFacts((await askBoard(way, "probe", [])).join("\n")),
    state: parseBoardState((await askBoard(way, "state", [])).join("\n"), way.hostKey),
  }));
}

/** What a board keeps, and who has it. */
export async function askHoldings(way: Connection, options: VisitOptions): Promise<Holdings> {
  const { remoteDir = adbSerial(way.at.name) === undefined ? "" : ADB_FOLDER } = options;
  return parseHoldings(await askBoard(way, "holdings", [remoteDir]));
}

/** Does `work` over a way to a board, and gives way soon after the caller gives up. */
export async function withWay<T>(
  name: string,
  options: VisitOptions,
  work: (way: Connection) => Promise<T>,
): Promise<T> {
  const serial = adbSerial(name);
  const at = serial === undefined ? await resolveDestination(name, options.configFile) : undefined;
  return heeding(name, options.signal, async () => {
    const way = await (at === undefined ? connectByAdb(name, serial ?? "") : connect(at, options));
    try {
      return await work((await openFiles(way)).connection);
    } finally {
      await way.close();
    }
  });
}
