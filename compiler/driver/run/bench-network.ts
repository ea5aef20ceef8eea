import type { ChosenBy } from "../../artifact/kernel.ts";
import type { BoardState } from "../../device/board-state.ts";
import type { Runner, Timing } from "../../device/runner.ts";
import type { Certainty } from "../../results/steadiness/judge-blocks.ts";
import { type BenchBlock, type BlockTimes, blockOf, timeBlock } from "./bench-block.ts";
import { coolDown } from "./cool-down.ts";
import { blockMs, measureBlocks } from "./measure-blocks.ts";
import type { FrameEnergy } from "./measure-energy.ts";
import type { NetworkProgram } from "./network-program.ts";
import type { Effort } from "./repetition.ts";
import { type CoursePoint, coursePoint } from "./run-course.ts";
import { summarise, type Times } from "./statistics.ts";

export interface BenchOptions {
  readonly warmup: number;
  /** Runs that count: that many of one process, or as many as it takes to become sure. */
  readonly repeats: number | Effort;
  readonly threads: number;
  /** The cores that threads are tied to, one each; absent: whichever the board gives. */
  readonly cores?: readonly number[];
  /** Degrees Celsius that the board is to have cooled down to before times are measured. */
  readonly coolDownC?: number;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Told how far it is, and what is waited for. */
  readonly say?: (text: string) => void;
}

/** Times of a network and of its layers; all in nanoseconds. */
export interface BenchReport {
  readonly network: string;
  /** Content hash of the model's file. */
  readonly modelSha256: string;
  /** What compiled it: version, and hash of the compiler's own code. */
  readonly tilewright: { readonly version: string; readonly build?: string };
  /** The C compiler, and the flags of all files; absent where the binary was built elsewhere. */
  readonly compiler?: { readonly command: string; readonly version: string };
  readonly cflags: readonly string[];
  readonly target: string;
  readonly isa: string;
  readonly board: string;
  /** Measured on a processor, or emulated: never to be compared with one another. */
  readonly timing: Timing;
  /** How sure the times are; absent where a number of runs was asked for. */
  readonly certainty?: Certainty;
  readonly threads: number;
  /** The cores of the threads; absent: whichever the board gave. */
  readonly cores?: readonly number[];
  readonly warmup: number;
  /** How many runs counted; of very many some times are kept. */
  readonly runs: number;
  readonly macs: number;
  readonly whole: Times;
  readonly layers: readonly LayerReport[];
  /** Sum of the layers' medians, and how far the whole network's is above it. */
  readonly layerSum: number;
  readonly gap: number;
  /** Where it was asked for. */
  readonly energy?: FrameEnergy | "not measured";
  readonly before?: BoardState;
  readonly after?: BoardState;
  /** Block after block, those that do not count, too; absent where a number of runs was asked for. */
  readonly course?: readonly CoursePoint[];
}
export interface LayerReport {
  readonly name: string;
  readonly op: string;
  /** Names what it is: equal names are equal C, flags and instruction set. */
  readonly kernel: string;
  readonly schedule: string;
  readonly choice: string;
  /** What the schedule chose it chose by the core's model, or a person did; absent: by estimate. */
  readonly chosen?: ChosenBy;
  readonly macs: number;
  readonly times: Times;
  /** Two operations a multiply-accumulate; absent where a layer has none. */
  readonly gflops?: number;
  /** Part of the layers' sum, 0 to 1. */
  readonly share: number;
}

/** Times a compiled network on a board, whole and layer by layer inside whole inferences. Throws what running throws, D174, D175. */
export async function benchNetwork(
  { program, metadata, toolchain }: NetworkProgram,
  runner: Runner,
  asked: BenchOptions,
): Promise<BenchReport> {
  const { threads, warmup } = asked;
  const cores = asked.cores?.slice(0, threads);
  const options = { ...asked, ...(cores && { cores }) };
  await coolDown(runner, cores, options);
  const before = await runner.readState?.();
  const { blocks, certainty, course } = await timesOf(program, runner, options, before);
  const after = await runner.readState?.();
  const total = summarise(blocks.flatMap(({ ns }) => ns));
  const times = new Map(
    [...blocks[0].layers.keys()].map((i) => [
      i,
      summarise(blocks.flatMap(({ layers }) => layers.get(i) ?? [])),
    ]),
  );
  const layerSum = [...times.values()].reduce((sum, { median }) => sum + median, 0);
  return {
    ...provenance(metadata, toolchain),
    target: metadata.target,
    isa: metadata.isa,
    board: runner.board,
    timing: runner.timing,
    ...(certainty && { certainty: holding(certainty, total.median) }),
    threads,
    ...(cores && { cores }),
    warmup,
    runs: blocks.reduce((sum, { runs }) => sum + runs, 0),
    macs: metadata.layers.reduce((sum, { macs }) => sum + macs, 0),
    whole: total,
    layers: metadata.layers.flatMap((layer, i) => {
      const t = times.get(i);
      return t === undefined ? [] : [layerReport(layer, t, layerSum)];
    }),
    layerSum,
    gap: total.median - layerSum,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(course && { course }),
  };
}

/** The interval is that of the blocks' medians: the median of all of their times may lie a little beside it. */
function holding(certainty: Certainty, median: number): Certainty {
  const { interval } = certainty;
  if (interval === undefined) return certainty;
  const [low, high] = [Math.min(interval.low, median), Math.max(interval.high, median)];
  return { ...certainty, interval: { median, low, high } };
}

interface Measured extends Pick<BenchReport, "certainty" | "course"> {
  readonly blocks: readonly BlockTimes[];
}

/** One process, or as many as it takes. */
async function timesOf(
  program: string,
  runner: Runner,
  options: BenchOptions,
  first: BoardState | undefined,
): Promise<Measured> {
  const { repeats, say } = options;
  if (typeof repeats === "number") {
    say?.(`${repeats} runs after ${options.warmup} of warm-up`);
    return {
      blocks: [await timeBlock(program, runner, { ...options, repeats, layers: true, beside: false })],
    };
  }
  const run = { ...options, repeats: 1, leastMs: blockMs(repeats), layers: true, beside: true };
  let before = first;
  let waited = 0;
  const began = performance.now();
  const course: CoursePoint[] = [];
  const measure = async (done: number): Promise<BenchBlock> => {
    const cooling = done === 0 ? 0 : await coolDown(runner, options.cores, options);
    if (cooling > 0) before = await runner.readState?.();
    waited += cooling;
    const times = await timeBlock(program, runner, run);
    const after = await runner.readState?.();
    const block = blockOf(times, run, before, after);
    course.push(coursePoint((performance.now() - began) / 1e3, block, after, options.cores));
    before = after;
    return block;
  };
  const found = await measureBlocks(
    measure,
    repeats,
    ({ counted, blocks, verdict }) => say?.(`${counted} of ${blocks} blocks count, ${verdict}`),
    () => performance.now() / 1e3 - waited,
  );
  return { ...found, course };
}

/** What two reports must agree in, or differ in knowingly, to be compared. */
function provenance(
  metadata: NetworkProgram["metadata"],
  toolchain: NetworkProgram["toolchain"],
): Pick<BenchReport, "network" | "modelSha256" | "tilewright" | "compiler" | "cflags"> {
  const { name: network, modelSha256, tilewright: version, build, cflags } = metadata;
  return {
    network,
    modelSha256,
    tilewright: { version, ...(build !== undefined && { build }) },
    ...(toolchain && { compiler: { command: toolchain.command, version: toolchain.version } }),
    cflags,
  };
}

function layerReport(
  { name, op, kernel, schedule, choice, chosen, macs }: NetworkProgram["metadata"]["layers"][number],
  times: Times,
  layerSum: number,
): LayerReport {
  const gflops = macs > 0 && times.median > 0 ? { gflops: (2 * macs) / times.median } : {};
  return {
    name,
    op,
    kernel,
    schedule,
    choice,
    ...(chosen && { chosen }),
    macs,
    times,
    ...gflops,
    share: layerSum > 0 ? times.median / layerSum : 0,
  };
}
