import pLimit from "p-limit";
import { parseFacts } from "../board-facts.ts";
import { boardScript } from "../board-script.ts";
import { parseBoardState, stateScript } from "../board-state.ts";
import { timingOf } from "../elf.ts";
import { energyScript } from "../energy.ts";
import { parseEnergyTrace, samplingWords } from "../energy-trace.ts";
import type { Runner } from "../runner.ts";
import { ADB_FOLDER, connectByAdb } from "./adb.ts";
import type { Keeper } from "./cache.ts";
import { connect } from "./connect.ts";
import type { Destination } from "./destination.ts";
import type { ExecOptions } from "./exec.ts";
import { prepareFolders } from "./folders.ts";
import type { ConnectOptions } from "./handshake.ts";
import { openFiles } from "./open-files.ts";
import { heeding } from "./patience.ts";
import { type BoardSession, runOnBoard } from "./run.ts";
import { runScript } from "./script.ts";
import type { Connection } from "./transport.ts";

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

/** Of energy's readings, a hundred bytes a sensor each. */
const SAMPLES_BYTES = 4 << 20;
const COPIES_BYTES = 1024 ** 3;

/** A board over ssh. All it needs there is a POSIX shell. Throws D102 to D125, D137. */
export async function sshRunner(at: Destination, options: SshOptions = {}): Promise<Runner> {
  return runnerOver(await connect(at, options), options);
}

/** An Android board by `adb`. Throws D105, D116, D121 to D125, D137. */
export async function adbRunner(name: string, serial: string, options: SshOptions = {}): Promise<Runner> {
  const remoteDir = options.remoteDir ?? ADB_FOLDER;
  return runnerOver(await connectByAdb(name, serial), { ...options, remoteDir });
}

async function runnerOver(way: Connection, options: SshOptions): Promise<Runner> {
  const { at } = way;
  try {
    const { alone, ...keeper } = await heeding(at.name, options.signal, () => openKeeper(way, options));
    const { readState, readFacts, sampleEnergy } = readersOf(way, keeper, options);
    const { machine, model } = await readState();
    const session: BoardSession = {
      ...keeper,
      machine: machine ?? "unknown",
      lockWaitSeconds: options.lockWaitSeconds ?? 60,
    };
    const timing = timingOf(options.triple, machine, model);
    const oneAtATime = pLimit(1);
    return {
      board: at.name,
      timing,
      run: (job) =>
        oneAtATime(() =>
          heeding(at.name, eitherOf(job.signal, options.signal), () => runOnBoard(session, job)),
        ),
      readState,
      readFacts,
      // One that runs nothing beside a program has nobody to ask meanwhile.
      ...(timing === "emulated" || alone ? {} : { sampleEnergy }),
      close: () => way.close(),
    };
  } catch (error) {
    await way.close();
    throw error;
  }
}

async function openKeeper(
  way: Connection,
  options: SshOptions,
): Promise<Keeper & { readonly alone: boolean }> {
  const { files, connection, oneAtATime: alone } = await openFiles(way, options.notice);
  const folders = await prepareFolders(connection, options.remoteDir);
  const limitBytes = options.remoteLimitBytes ?? COPIES_BYTES;
  const notice = options.notice ?? (() => {});
  return { connection, files, folders, limitBytes, notice, seen: new Set(), alone };
}

/** What a board tells of itself, by scripts that are kept there. */
function readersOf(
  { at, hostKey }: Connection,
  keeper: Keeper,
  options: SshOptions,
): Required<Pick<Runner, "readState" | "readFacts" | "sampleEnergy">> {
  const output = async (text: string, words: readonly string[], exec: ExecOptions): Promise<string> =>
    (await runScript(keeper, text, exec, words)).stdout.toString();
  const telling = { doing: "tell its state", limitBytes: 65536, small: true };
  return {
    readState: () =>
      heeding(at.name, options.signal, async () =>
        parseBoardState(await output(stateScript(), [], telling), hostKey),
      ),
    readFacts: () =>
      heeding(at.name, options.signal, async () =>
        parseFacts(await output(boardScript("probe"), ["", keeper.folders.cache], telling)),
      ),
    sampleEnergy: async (sampling) => {
      const { count, everySeconds, signal } = sampling;
      const doing = { doing: "tell its power", limitBytes: SAMPLES_BYTES, signal };
      const patienceSeconds = count * (everySeconds + 1) + 20;
      const words = samplingWords(sampling);
      return parseEnergyTrace(await output(energyScript(), words, { ...doing, patienceSeconds }));
    },
  };
}

function eitherOf(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  return a === undefined || b === undefined ? (a ?? b) : AbortSignal.any([a, b]);
}
