import pLimit from "p-limit";
import { type BoardState, parseBoardState, stateScript } from "./board-state.ts";
import { runsNatively } from "./elf.ts";
import { type EnergyReading, energyScript, parseEnergy } from "./energy.ts";
import type { Runner } from "./runner.ts";
import type { Keeper } from "./ssh-cache.ts";
import { connect } from "./ssh-connect.ts";
import type { Destination } from "./ssh-destination.ts";
import { openFiles } from "./ssh-files.ts";
import { prepareFolders } from "./ssh-folders.ts";
import type { ConnectOptions } from "./ssh-handshake.ts";
import { type BoardSession, runOnBoard } from "./ssh-run.ts";
import { runScript } from "./ssh-script.ts";

export interface SshOptions extends ConnectOptions {
  /** GNU triple of the programs to come; another machine that runs them does so by emulation. */
  readonly triple?: string | undefined;
  /** How long a run waits while somebody else uses the board. */
  readonly lockWaitSeconds?: number | undefined;
  /** The folder there for copies and runs, instead of .cache/tilewright where a login starts. */
  readonly remoteDir?: string | undefined;
  /** Most that all copies there may take. */
  readonly remoteLimitBytes?: number | undefined;
}

const COPIES_BYTES = 1024 ** 3;

/** A board over ssh. All it needs there is a POSIX shell and sftp. Throws D102 to D124. */
export async function sshRunner(at: Destination, options: SshOptions = {}): Promise<Runner> {
  const connection = await connect(at, options);
  try {
    const files = await openFiles(connection);
    const keeper: Keeper = {
      connection,
      files,
      folders: await prepareFolders(connection, options.remoteDir),
      limitBytes: options.remoteLimitBytes ?? COPIES_BYTES,
      notice: options.notice ?? (() => {}),
    };
    const scriptOutput = async (text: string): Promise<string> => {
      const result = await runScript(keeper, text, { limitBytes: 65536, patienceSeconds: 20 });
      return result.stdout.toString();
    };
    const readState = async (): Promise<BoardState> => parseBoardState(await scriptOutput(stateScript()));
    const readEnergy = async (): Promise<EnergyReading> => parseEnergy(await scriptOutput(energyScript()));
    const session: BoardSession = {
      ...keeper,
      machine: (await readState()).machine ?? "unknown",
      lockWaitSeconds: options.lockWaitSeconds ?? 60,
    };
    const emulated = options.triple !== undefined && !runsNatively(options.triple, session.machine);
    const oneAtATime = pLimit(1);
    return {
      board: at.name,
      timing: emulated ? "emulated" : "measured",
      run: (job) => oneAtATime(() => runOnBoard(session, job)),
      readState,
      ...(emulated ? {} : { readEnergy }),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
