import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Runner } from "../device/runner.ts";
import type { BuiltNetwork, Network, NetworkRequest } from "../driver/build-network.ts";
import type { Target } from "../target/target.schema.ts";
import type { Context } from "./command.ts";
import { wholeNumber } from "./numbers.ts";
import { makeSteps, type Steps } from "./steps.ts";

/** Values of the options that every command compiling a network has. */
export interface NetworkValues {
  readonly model: string;
  readonly target: Target;
  readonly inputShape: readonly string[] | undefined;
  readonly jobs: number | undefined;
  readonly dumpIr: string | undefined;
  /** Folder of the bundle. */
  readonly out: string;
}

/** Reads, compiles and builds a network, step by step before the user's eyes. */
export async function buildWithSteps(
  values: NetworkValues,
  steps: Steps,
  signal: AbortSignal,
): Promise<BuiltNetwork> {
  const request = requestOf(values, signal);
  return compileWithSteps(await readWithSteps(request, steps), values.target, values.out, request, steps);
}

export interface BoardValues extends Omit<NetworkValues, "target" | "out" | "dumpIr"> {
  readonly board: string;
  readonly target: string | undefined;
  readonly sshConfig: string | undefined;
}

/** What a command does with a network and a board; both are cleaned up when it returns or throws. */
export type OnBoard<T> = (network: BuiltNetwork, runner: Runner, steps: Steps) => Promise<T>;

/**
 * Opens the board a network is to run on and builds the network in a folder of its own. The board comes
 * before the long compilation: nobody should wait for that to learn that the board is switched off.
 */
export async function onBoard<T>(
  values: BoardValues,
  { terminal, signal }: Context,
  use: OnBoard<T>,
): Promise<T> {
  const { boardTarget } = await import("../driver/board-target.ts");
  const { openBoard } = await import("../device/open-board.ts");
  const wanted = boardTarget(values.board, values.target);
  const request = requestOf({ ...values, dumpIr: undefined }, signal);
  const steps = makeSteps(terminal);
  const network = await readWithSteps(request, steps);
  const { runner } = await steps.run(`connecting to ${values.board}`, () =>
    openBoard(values.board, {
      target: wanted,
      notice: terminal.note,
      ...(values.sshConfig === undefined ? {} : { sshConfig: values.sshConfig }),
    }),
  );
  try {
    const out = await mkdtemp(join(tmpdir(), "tilewright-"));
    try {
      const built = await compileWithSteps(network, wanted, join(out, "bundle"), request, steps);
      return await use(built, runner, steps);
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  } finally {
    await runner.close();
  }
}

function requestOf(
  values: Pick<NetworkValues, "model" | "inputShape" | "jobs" | "dumpIr">,
  signal: AbortSignal,
): NetworkRequest {
  return {
    model: values.model,
    inputShapes: values.inputShape ?? [],
    jobs: wholeNumber("jobs", values.jobs, 1, availableParallelism()),
    dumpIr: values.dumpIr,
    signal,
  };
}

async function readWithSteps(request: NetworkRequest, steps: Steps): Promise<Network> {
  const { readNetwork } = await import("../driver/build-network.ts");
  return steps.run(`reading ${request.model}`, (report) => readNetwork(request, report));
}

async function compileWithSteps(
  network: Network,
  target: Target,
  folder: string,
  request: NetworkRequest,
  steps: Steps,
): Promise<BuiltNetwork> {
  const { buildBinary, compileToBundle } = await import("../driver/build-network.ts");
  const compiled = await steps.run(`compiling for ${target.name}`, (report) =>
    compileToBundle(network, target, folder, request, report),
  );
  return steps.run("building the binary", (report) => buildBinary(compiled, target, folder, request, report));
}
