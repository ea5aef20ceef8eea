import { classNames, unreadableLabels, withTopK } from "../frontend/answers.ts";
import { type FrameOptions, withFrames } from "../frontend/frames.ts";
import { readModel } from "../frontend/load-model.ts";
import { parseInputShapes } from "../frontend/onnx/input-shapes.ts";
import { parseInputValues } from "../frontend/onnx/input-values.ts";
import type { Graph } from "../graph/graph.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Numerics } from "../ops/numerics.ts";
import type { UserError } from "../support/diagnostic.ts";
import { readTextFile } from "../support/read-text-file.ts";
import { buildBundle, readMetadata } from "../toolchain/compile-bundle.ts";
import { memoryLacks, memoryNeed, memoryShortage } from "./bundle/board-memory.ts";
import { writeBundle } from "./bundle/emit-bundle-write.ts";
import type { GoldenWish } from "./bundle/golden.ts";
import { type CompiledNetwork, compileNetwork } from "./compile-network.ts";
import type { Decisions } from "./decide/decisions.ts";
import { isChanged } from "./decide/found-knobs.ts";
import type { KernelCycles } from "./decide/model-kernel.ts";
import { searchAlgorithms } from "./decide/search-algorithms.ts";
import { searchKnobs } from "./decide/search-knobs.ts";
import { dumpInto } from "./dump-ir.ts";
import type { Say } from "./progress.ts";
import type { NetworkProgram } from "./run/network-program.ts";

/** What a user asks for when a network is to be compiled. */
export interface NetworkRequest {
  /** Path of an ONNX file, or `zoo:NAME`. */
  readonly model: string;
  /** As `NAME:N,C,H,W`, for inputs whose shape the file leaves open. */
  readonly inputShapes: readonly string[];
  /** As `NAME=NUMBER,...`, for inputs that always are the same. */
  readonly inputValues?: readonly string[];
  /** C compilers at a time. */
  readonly jobs: number;
  /** Folder for the loops after each step and pass. */
  readonly dumpIr: string | undefined;
  readonly numerics?: Numerics;
  /** The most bytes of weights; absent: as the board's memory allows. */
  readonly maxWeights?: number | undefined;
  readonly golden?: GoldenWish;
  /** What is given in place of images. */
  readonly frames?: FrameOptions | undefined;
  /** So many of the greatest scores for all of them. */
  readonly topK?: number | undefined;
  /** A file of the names of its classes. */
  readonly labels?: string | undefined;
  /** What is decided already. */
  readonly decisions?: Decisions;
  /** The model that knobs are chosen by; absent: they are estimated. */
  readonly cycles?: KernelCycles;
  readonly signal: AbortSignal;
}
export interface Network {
  readonly graph: Graph;
  /** Hex sha256 of the model file. */
  readonly sha256: string;
  /** Names of its classes. */
  readonly labels?: readonly string[];
}
export interface BuiltNetwork extends NetworkProgram {
  readonly compiled: CompiledNetwork;
  readonly target: Target;
}

/** Reads the model. Throws F codes. */
export async function readNetwork(
  request: Pick<NetworkRequest, "model" | "inputShapes" | "inputValues" | "frames" | "topK" | "labels">,
  say: Say,
): Promise<Network> {
  const inputShapes = parseInputShapes(request.inputShapes);
  const { graph: model, sha256 } = await readModel(request.model, {
    inputShapes,
    inputValues: parseInputValues(request.inputValues ?? []),
  });
  say(`${model.nodes.length} nodes`);
  const given = request.frames === undefined ? model : withFrames(model, request.frames);
  const graph = request.topK === undefined ? given : withTopK(given, request.topK);
  const labels = await readLabels(model, request.labels);
  return { graph, sha256, ...(labels && { labels }) };
}

const MOST_LABEL_BYTES = 2 ** 24;

/** Throws C386 and what classNames throws. */
async function readLabels(model: Graph, file: string | undefined): Promise<readonly string[] | undefined> {
  if (file === undefined) return undefined;
  const text = await readTextFile(file, MOST_LABEL_BYTES).catch((error: unknown) => {
    throw unreadableLabels(file, error);
  });
  return classNames(model, text, file);
}

/** Compiles it to C and writes the bundle to `folder`. */
export async function compileToBundle(
  network: Network,
  target: Target,
  folder: string,
  request: NetworkRequest,
  say: Say,
): Promise<CompiledNetwork> {
  const { dumpIr, signal, cycles, jobs } = request;
  const compiled = await compileNetwork(network.graph, target, {
    meta: { modelSha256: network.sha256, ...(network.labels && { labels: network.labels }) },
    onKernel: (done, total, step) => say(`kernel ${done + 1} of ${total}, ${step}`),
    signal,
    numerics: request.numerics ?? "fast",
    maxWeights: request.maxWeights,
    golden: request.golden ?? "never",
    ...(request.decisions !== undefined && { decisions: request.decisions }),
    ...(cycles !== undefined && {
      searchAlgorithms: (source, wanted) => {
        const onTrial = (done: number, total: number): void => say(`algorithm ${done} of ${total}`);
        const search = { cycles, jobs, signal, onTrial };
        return searchAlgorithms(source, wanted, request, search);
      },
      search: (task, wanted, onTrial) => searchKnobs(task, wanted, { cycles, jobs, signal, onTrial }),
    }),
    ...(dumpIr === undefined ? {} : { dump: dumpInto(dumpIr) }),
  });
  await writeBundle(compiled.files, folder);
  const kernels = new Set(compiled.kernels.map((kernel) => kernel.name)).size;
  const changed = compiled.found.filter(isChanged).length;
  const chosen =
    cycles === undefined ? "" : `, ${changed} of ${compiled.found.length} tiles better than estimated`;
  say(`${compiled.plan.steps.length} layers with ${kernels} kernels${chosen}`);
  return compiled;
}

/** Why the network cannot be held in the memory of what it was compiled for, or undefined. */
export function lackOfMemory(
  { plan, files }: CompiledNetwork,
  target: Target,
): { readonly why: string; readonly error: UserError } | undefined {
  const need = memoryNeed(plan, files);
  const why = memoryShortage(need, target);
  return why === undefined ? undefined : { why, error: memoryLacks(need, why) };
}

/** Builds the bundle's program. Throws B codes. */
export async function buildBinary(
  compiled: CompiledNetwork,
  target: Target,
  folder: string,
  { jobs, signal }: NetworkRequest,
  say: Say,
): Promise<BuiltNetwork> {
  const built = await buildBundle(folder, target, {
    jobs,
    signal,
    onProgress: ({ done, total, file }) => say(`${done} of ${total}, ${file}`),
  });
  say(`${built.compiledFiles} files compiled, ${built.cacheHits} from the cache`);
  const { program, toolchain } = built;
  return { program, toolchain, metadata: await readMetadata(folder), compiled, target };
}
