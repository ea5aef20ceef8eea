import type { ChosenBy } from "../../artifact/kernel.ts";
import type { BoardState } from "../../device/board-state.ts";
import type { Runner } from "../../device/runner.ts";
import { invariant } from "../../support/assert.ts";
import type { NetworkProgram } from "./network-program.ts";
import { programLines } from "./program-lines.ts";
import { summarise, type Times } from "./statistics.ts";

export interface BenchOptions {
  readonly warmup: number;
  readonly repeats: number;
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
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
  readonly timing: "measured" | "emulated";
  readonly threads: number;
  readonly warmup: number;
  readonly macs: number;
  readonly whole: Times;
  readonly layers: readonly LayerReport[];
  /** Sum of the layers' medians, and how far the whole network's is above it. */
  readonly layerSum: number;
  readonly gap: number;
  readonly before?: BoardState;
  readonly after?: BoardState;
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

/** Times a compiled network on a board, whole and layer by layer inside whole inferences. */
export async function benchNetwork(
  { program, metadata, toolchain }: NetworkProgram,
  runner: Runner,
  options: BenchOptions,
): Promise<BenchReport> {
  const before = await runner.readState?.();
  const result = await runner.run({
    program,
    args: [
      ...["bench", "--layers", "--warmup", String(options.warmup)],
      ...["--repeats", String(options.repeats), "--threads", String(options.threads)],
    ],
    files: [],
    fetch: [],
    timeoutSeconds: options.timeoutSeconds,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const after = await runner.readState?.();
  const lines = programLines(result, runner.board);
  const whole = lines.find((line) => line.kind === "network");
  invariant(whole !== undefined, "the program printed no time of the whole network");
  const times = new Map(
    lines.flatMap((line) => (line.kind === "layer" ? [[line.index, summarise(line.ns)] as const] : [])),
  );
  const layerSum = [...times.values()].reduce((sum, { median }) => sum + median, 0);
  const total = summarise(whole.ns);
  return {
    ...provenance(metadata, toolchain),
    target: metadata.target,
    isa: metadata.isa,
    board: runner.board,
    timing: runner.timing,
    threads: options.threads,
    warmup: options.warmup,
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
  };
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
