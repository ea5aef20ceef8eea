import type { Target } from "../machine/target.schema.ts";
import type { Numerics } from "../ops/numerics.ts";
import type { UserError } from "../support/diagnostic.ts";
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
import type { Network } from "./read-network.ts";
import type { NetworkProgram } from "./run/network-program.ts";

/** How a user wants a network compiled. */
export interface NetworkRequest {
  /** C compilers at a time. */
  readonly jobs: number;
  /** Folder for the loops after each step and pass. */
  readonly dumpIr: string | undefined;
  readonly numerics?: Numerics;
  /** The most bytes of weights; absent: as the board's memory allows. */
  readonly maxWeights?: number | undefined;
  readonly golden?: GoldenWish;
  /** What is decided already. */
  readonly decisions?: Decisions;
  /** The model that knobs are chosen by; absent: they are estimated. */
  readonly cycles?: KernelCycles;
  readonly signal: AbortSignal;
}
export interface BuiltNetwork extends NetworkProgram {
  readonly compiled: CompiledNetwork;
  readonly target: Target;
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
