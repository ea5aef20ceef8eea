import { stateOfCores } from "../../device/board-cores.ts";
import type { BoardState } from "../../device/board-state.ts";
import type { Runner } from "../../device/runner.ts";
import type { Block } from "../../results/steadiness/block.ts";
import { invariant } from "../../support/assert.ts";
import { coreArguments } from "./bench-arguments.ts";
import { type ProgramLine, programLines } from "./program-lines.ts";

/** How one process times a network. */
export interface BlockRun {
  readonly warmup: number;
  /** Runs that count at least. */
  readonly repeats: number;
  /** Milliseconds for which it goes on repeating. */
  readonly leastMs?: number;
  readonly threads: number;
  /** The cores that threads are tied to, one each. */
  readonly cores?: readonly number[];
  /** Whether each layer is timed, too. */
  readonly layers: boolean;
  /** Whether it says what went on beside. */
  readonly beside: boolean;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}
/** What went on beside, and when: seconds since the machine was started. */
type Beside = Pick<Block, "reference" | "cycles" | "wallNs" | "processNs" | "machineNs"> & {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};
/** Nanoseconds of the whole network and of layers, by number; what went on beside only where that was asked for. */
export interface BlockTimes {
  readonly ns: readonly number[];
  /** How many there were; of very many some are told. */
  readonly runs: number;
  readonly layers: ReadonlyMap<number, readonly number[]>;
  readonly beside?: Beside | undefined;
}
export type BenchBlock = Block & Pick<BlockTimes, "layers" | "runs">;

/** Times of one process that are brought here at most. */
const KEPT = 200;

/** Runs the program once. Throws what running throws. */
export async function timeBlock(program: string, runner: Runner, run: BlockRun): Promise<BlockTimes> {
  const { leastMs } = run;
  const result = await runner.run({
    program,
    args: [
      ...["bench", ...(run.layers ? ["--layers"] : []), "--warmup", String(run.warmup)],
      ...["--repeats", String(run.repeats), "--threads", String(run.threads)],
      ...(leastMs === undefined ? [] : ["--min-ms", String(leastMs)]),
      ...coreArguments(run),
      ...(run.beside ? ["--beside", "--keep", String(KEPT)] : []),
    ],
    files: [],
    fetch: [],
    timeoutSeconds: run.timeoutSeconds,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  return blockTimes(programLines(result, runner.board));
}

/** The times that lines of one process tell. */
export function blockTimes(lines: readonly ProgramLine[]): BlockTimes {
  const whole = lines.find((line) => line.kind === "network");
  invariant(whole !== undefined, "the program printed no time of the whole network");
  const beside = lines.find((line) => line.kind === "beside");
  return {
    ns: whole.ns,
    runs: whole.runs ?? whole.ns.length,
    layers: new Map(lines.flatMap((line) => (line.kind === "layer" ? [[line.index, line.ns] as const] : []))),
    ...(beside !== undefined && { beside }),
  };
}

/** A block of a program between two states of its board. */
export function blockOf(
  { ns, runs, layers, beside }: BlockTimes,
  { threads, cores }: Pick<BlockRun, "threads" | "cores">,
  before: BoardState | undefined,
  after: BoardState | undefined,
): BenchBlock {
  invariant(beside !== undefined, "the program said nothing of what went on beside");
  const told = [before?.throttling, after?.throttling] as const;
  const limitMHz = after === undefined ? undefined : reachable(after, cores);
  return {
    ...{ ns, runs, layers, threads },
    ...beside,
    ...(told[0] !== undefined && told[1] !== undefined && { throttling: [told[0], told[1]] as const }),
    ...(limitMHz !== undefined && { limitMHz }),
  };
}

/** Processors of PCs name a clock that one core reaches for a moment; those of boards one that they keep. */
function reachable(state: BoardState, cores: readonly number[] | undefined): number | undefined {
  return /^(arm|aarch64)/.test(state.machine ?? "") ? stateOfCores(state, cores).limitMHz : undefined;
}
