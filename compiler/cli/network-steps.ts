import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Runner } from "../device/runner.ts";
import type { BuiltNetwork, NetworkRequest } from "../driver/build-network.ts";
import type { GoldenWish } from "../driver/bundle/golden.ts";
import type { KernelCycles } from "../driver/decide/model-kernel.ts";
import type { ModelRequest, Network, Reading } from "../driver/read-network.ts";
import type { Graph } from "../graph/graph.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Numerics } from "../ops/numerics.ts";
import { inTemporaryFolder } from "../support/temporary-folder.ts";
import { typedWord } from "../support/text.ts";
import { type AccessValues, accessWords, boardAccess } from "./board-access.ts";
import type { Context } from "./command.ts";
import { wholeNumber } from "./numbers.ts";
import { type ReadingValues, readingOf, readingWords } from "./reading-options.ts";
import { numericsWords } from "./shared-options.ts";
import { parseBytes } from "./sizes.ts";
import { makeSteps, type Steps } from "./steps.ts";
import { withRecords } from "./with-records.ts";

/** Values of the options that every command compiling a network has. */
export interface NetworkValues {
  readonly model: string;
  readonly target: Target;
  readonly reading: Reading;
  readonly jobs: number | undefined;
  readonly dumpIr: string | undefined;
  readonly numerics?: Numerics | undefined;
  readonly maxWeights?: string | undefined;
  readonly choose?: string | undefined;
  readonly decisions?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly records?: readonly string[] | undefined;
  readonly golden?: GoldenWish;
  /** Folder of the bundle. */
  readonly out: string;
}

/** A network built from a graph as it was read, before anything was folded. */
export interface SourcedNetwork extends BuiltNetwork {
  readonly source: Graph;
}

/** Reads, compiles and builds a network, step by step before the user's eyes. */
export async function buildWithSteps(
  values: NetworkValues,
  { terminal, signal }: Context,
): Promise<SourcedNetwork> {
  const steps = makeSteps(terminal);
  const asked = await requestOf(values, signal);
  const network = await readWithSteps({ ...values.reading, model: values.model }, steps);
  const request = await withRecords(network, values, asked, terminal);
  // Boards with more memory than is known of may be built.
  const onLack = ({ why }: Lack): void => terminal.note(`warning: \`${values.model}\` may not run: ${why}`);
  return compileWithSteps(network, values.target, values.out, request, steps, onLack);
}

/** Values of the options that say how a network is read and what it is made of, as the command line names them. */
export interface DecidingValues extends ReadingValues {
  readonly jobs?: number | undefined;
  readonly numerics?: Numerics | undefined;
  readonly "max-weights"?: string | undefined;
  readonly choose?: string | undefined;
  readonly decisions?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly records?: readonly string[] | undefined;
}

/** The same as a network's. */
export function decidingValues(
  values: DecidingValues,
): Omit<NetworkValues, "model" | "target" | "out" | "dumpIr" | "golden"> {
  const { jobs, numerics, choose, decisions, set, records, "max-weights": maxWeights } = values;
  return { reading: readingOf(values), maxWeights, jobs, numerics, choose, decisions, set, records };
}

/** Values of the options that every command running a network on a board has. */
export interface BoardValues extends DecidingValues, AccessValues {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly board?: string | undefined;
  readonly target?: string | undefined;
}

/** What a command does with a network and a board. */
export interface OnBoard<P, T> {
  /** Before anything that takes long: mistakes in what `use` will need are told here. */
  readonly prepare: (network: Network) => Promise<P>;
  readonly use: (built: SourcedNetwork, runner: Runner, steps: Steps, prepared: P) => Promise<T>;
}

/**
 * Opens the board a network is to run on and builds the network in a folder of its own; both are cleaned
 * up in the end. The board comes before the long compilation: nobody should wait for that to learn that
 * the board is switched off.
 */
export async function onBoard<P, T>(
  values: BoardValues,
  { terminal, signal }: Context,
  { prepare, use }: OnBoard<P, T>,
): Promise<T> {
  const { targetOf } = await import("../driver/run/board-target.ts");
  const { openBoard } = await import("../device/open-board.ts");
  const { board = "" } = values;
  const target = await targetOf(board, values.target, {
    ...boardAccess(values),
    notice: terminal.note,
    signal,
  });
  const { reading, ...deciding } = decidingValues(values);
  const asked = await requestOf({ ...deciding, target, dumpIr: undefined }, signal);
  const steps = makeSteps(terminal);
  const network = await readWithSteps({ ...reading, model: values.words.MODEL ?? "" }, steps);
  const request = await withRecords(network, { ...values, target }, asked, terminal);
  const prepared = await prepare(network);
  const { runner } = await steps.run(`connecting to ${board}`, () =>
    openBoard(board, { target, notice: terminal.note, ...boardAccess(values), signal }),
  );
  try {
    return await inTemporaryFolder("build", async (folder) => {
      const out = join(folder, "bundle");
      const built = await compileWithSteps(network, target, out, request, steps, ({ error }) => {
        throw error;
      });
      return use(built, runner, steps, prepared);
    });
  } finally {
    await runner.close();
  }
}

/** The command to type after this one, for the same model and board. */
export function nextCommand(command: string, values: BoardValues): string {
  const { words, board = "", target, numerics } = values;
  const options = [
    ...["--board", board],
    ...(target === undefined ? [] : ["--target", target]),
    ...readingWords({ ...values }),
    ...numericsWords(numerics),
    ...accessWords(values),
  ].map(typedWord);
  return `next: \`tilewright ${command} ${typedWord(words.MODEL ?? "")} ${options.join(" ")}\``;
}

/** Mistakes in the values are told here, before anything is read or compiled. */
async function requestOf(
  values: Omit<NetworkValues, "out" | "model" | "reading">,
  signal: AbortSignal,
): Promise<NetworkRequest> {
  return {
    jobs: wholeNumber("jobs", values.jobs, 1, availableParallelism()),
    dumpIr: values.dumpIr,
    numerics: values.numerics ?? "fast",
    maxWeights: parseBytes("max-weights", values.maxWeights),
    golden: values.golden ?? "never",
    ...(await decisionsOf(values)),
    ...(values.choose === "model" && { cycles: await modelOf(values.target) }),
    signal,
  };
}

/** Settings of the command line over those of a file. */
export async function decisionsOf({
  decisions: file,
  set = [],
}: Partial<Pick<NetworkValues, "decisions" | "set">>): Promise<Pick<NetworkRequest, "decisions">> {
  if (file === undefined && set.length === 0) return {};
  const { UNDECIDED } = await import("../driver/decide/decisions.ts");
  const { readDecisions, withSetting } = await import("../driver/decide/decisions-file.ts");
  return { decisions: set.reduce(withSetting, file === undefined ? UNDECIDED : readDecisions(file)) };
}

async function modelOf(target: Target): Promise<KernelCycles> {
  const { openCoreModel } = await import("../driver/decide/model-kernel.ts");
  return openCoreModel(target);
}

async function readWithSteps(request: ModelRequest, steps: Steps): Promise<Network> {
  const { readNetwork } = await import("../driver/read-network.ts");
  return steps.run(`reading ${request.model}`, (report) => readNetwork(request, report));
}

/** What is known where a network does not fit into memory. */
interface Lack {
  readonly why: string;
  readonly error: Error;
}

/** Compiles a network and builds its program, before the user's eyes. */
export async function compileWithSteps(
  network: Network,
  target: Target,
  folder: string,
  request: NetworkRequest,
  steps: Steps,
  onLack: (lack: Lack) => void,
): Promise<SourcedNetwork> {
  // In parts: while modules are evaluated nothing else is done, and nobody hears ctrl-C.
  await import("../language/parse-kernel.ts");
  await import("../task/compile-task.ts");
  const { buildBinary, compileToBundle, lackOfMemory } = await import("../driver/build-network.ts");
  const compiled = await steps.run(`compiling for ${target.name}`, (report) =>
    compileToBundle(network, target, folder, request, report),
  );
  const lack = lackOfMemory(compiled, target);
  if (lack !== undefined) onLack(lack);
  const built = await steps.run("building the binary", (report) =>
    buildBinary(compiled, target, folder, request, report),
  );
  return { ...built, source: network.graph };
}
