import { lookup } from "node:dns/promises";
import { emulatorOf, listTargets, loadTarget } from "../machine/load.ts";
import type { Target } from "../machine/target.schema.ts";
import { assertNever } from "../support/assert.ts";
import { onlyOverSsh, poolOfBoards, unknownBoard } from "./board-failures.ts";
import { plainText } from "./plain-text.ts";
import { wrongTarget } from "./run-failures.ts";
import type { Runner } from "./runner.ts";
import type { Destination } from "./ssh/destination.ts";

export interface OpenBoardOptions {
  /** What programs are built for, when `board` is an ssh destination. */
  readonly target?: Target;
  /** Takes the place of the user's ssh configuration (`--ssh-config FILE`). */
  readonly sshConfig?: string | undefined;
  /** How long a run waits while somebody else uses the board; default 60. */
  readonly lockWaitSeconds?: number | undefined;
  /** The folder on an ssh board for copies and runs (`--remote-dir`). */
  readonly remoteDir?: string | undefined;
  /** Most that copies there may take (`--remote-limit`); default 1 GiB. */
  readonly remoteLimitBytes?: number | undefined;
  readonly notice?: (text: string) => void;
  /** Gives up opening and everything that is done there when it aborts. */
  readonly signal?: AbortSignal | undefined;
}
export interface OpenedBoard {
  readonly runner: Runner;
  /** What to build for: the target that `board` names, else the one given; absent when neither says. */
  readonly target?: Target;
  /** What is known of the board where no target fits it and none was given. */
  readonly unknown?: string;
}

/**
 * Opens what the user gave as `--board`: a target that runs here (natively or emulated), or an ssh
 * destination: `user@host`, an alias of the ssh configuration, a host name, `ssh://user@host:port`; or `adb:SERIAL`.
 * Throws D101 (nothing of that name), D142 (a kind of board without a place), D185 (several boards) and what opening throws.
 */
export async function openBoard(name: string, options: OpenBoardOptions = {}): Promise<OpenedBoard> {
  const named = listTargets().includes(name) ? loadTarget(name) : undefined;
  if (named === undefined) return openSsh(name, options, options.target);
  switch (named.board.run) {
    case "native": {
      const { localRunner } = await import("./local.ts");
      return { runner: localRunner(name), target: named };
    }
    case "qemu": {
      const { qemuRunner } = await import("./qemu.ts");
      return { runner: qemuRunner(name, emulatorOf(named), named.core.mcpu), target: named };
    }
    case "ssh":
      // A board's name may be an alias in the user's ssh configuration, too.
      return openSsh(name, options, options.target ?? named);
    default:
      return assertNever(named.board.run);
  }
}

async function openSsh(
  name: string,
  options: OpenBoardOptions,
  target: Target | undefined,
): Promise<OpenedBoard> {
  const { sshConfig, remoteDir } = options;
  const runner = await remoteRunner(name, options, target);
  try {
    const opened = await withTarget(runner, target, options);
    const { rememberBoard } = await import("./known/used-boards.ts");
    await rememberBoard({ name, sshConfig, remoteDir }, opened.target?.name, Date.now());
    return opened;
  } catch (error) {
    await runner.close();
    throw error;
  }
}

/** By adb where the name says so, else by ssh. */
async function remoteRunner(
  name: string,
  options: OpenBoardOptions,
  target: Target | undefined,
): Promise<Runner> {
  const { sshConfig: configFile, notice, lockWaitSeconds, remoteDir, remoteLimitBytes, signal } = options;
  const { adbRunner, sshRunner } = await import("./ssh/ssh-runner.ts");
  const how = {
    ...(configFile !== undefined && { configFile }),
    ...(notice !== undefined && { notice }),
    ...{ lockWaitSeconds, remoteDir, remoteLimitBytes, triple: target?.board.triple, signal },
  };
  const { adbSerial } = await import("./ssh/adb.ts");
  const serial = adbSerial(name);
  if (serial !== undefined) return adbRunner(name, serial, how);
  const { resolveDestination } = await import("./ssh/destination.ts");
  const at = await resolveDestination(name, configFile);
  if (!(await isPlace(name, at))) throw await notAPlace(name);
  return sshRunner(at, how);
}

/** Finds the target where none is given; a given one that cannot be right is refused before anything is compiled for it. */
async function withTarget(
  runner: Runner,
  target: Target | undefined,
  { notice }: OpenBoardOptions,
): Promise<OpenedBoard> {
  const facts = await runner.readFacts?.();
  if (facts === undefined) return target === undefined ? { runner } : { runner, target };
  const { detectTarget, mismatches } = await import("./detect-target.ts");
  if (target === undefined) {
    const found = detectTarget(facts);
    if (found.kind === "unknown") return { runner, unknown: found.why };
    notice?.(`\`${runner.board}\` is taken for ${found.target.name}: ${plainText(found.by)}`);
    return { runner, target: found.target };
  }
  const found = mismatches(target, facts);
  const wrong = found.find(({ verdict }) => verdict === "fail");
  if (wrong !== undefined) throw wrongTarget(runner.board, target.name, wrong.text, detectTarget(facts));
  for (const { text } of found)
    notice?.(`warning: \`${runner.board}\` may not be ${target.name}: ${plainText(text)}`);
  return { runner, target };
}

/** Whether the name means a host: a plain word that ssh's configuration and the network do not know is a slip. */
async function isPlace(name: string, at: Destination): Promise<boolean> {
  if (/[@:/]/.test(name) || at.host !== name.toLowerCase()) return true;
  if (at.proxyCommand !== undefined || at.jumps.length > 0) return true;
  return lookup(at.host).then(
    () => true,
    () => false,
  );
}

async function notAPlace(name: string): Promise<Error> {
  const { readBoardsFile } = await import("./known/boards-file.ts");
  const file = await readBoardsFile().catch(() => undefined);
  const pool = file?.pools.get(name);
  if (pool !== undefined) return poolOfBoards(name, pool);
  const runnable = listTargets().filter((target) => loadTarget(target).board.run !== "ssh");
  if (!listTargets().includes(name)) return unknownBoard(name, runnable);
  const { core, isa } = loadTarget(name).board;
  const emulates = (target: string): boolean => {
    const { board } = loadTarget(target);
    return board.core === core && board.isa === isa;
  };
  return onlyOverSsh(name, runnable.find(emulates));
}
