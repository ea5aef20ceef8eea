import type { AlgorithmCandidate } from "../../graph/node-task/conv-algorithms.ts";
import type { Plan } from "../../graph/plan.ts";
import { BYTES } from "../../ir/dtype.ts";
import { UserError } from "../../support/diagnostic.ts";
import { constantsOf } from "../../task/compile-task.ts";
import { plannedAlgorithms } from "./decisions.ts";

/** How much of a board's memory weights may take before smaller algorithms are preferred: the rest is others'. */
const SHARE_OF_MEMORY = 0.5;

/** The most bytes that weights should take. */
export interface WeightLimit {
  readonly bytes: number;
  /** Somebody asked for it: what cannot be kept to is refused. */
  readonly asked: boolean;
}

/** What was asked for, else a share of the memory of a board that is known. */
export function weightLimit(asked: number | undefined, ramMiB: number | undefined): WeightLimit | undefined {
  if (asked !== undefined) return { bytes: asked, asked: true };
  return ramMiB === undefined ? undefined : { bytes: ramMiB * 2 ** 20 * SHARE_OF_MEMORY, asked: false };
}

/** Bytes of all weights of a plan, equal ones counted as often as they are read. */
export function weightBytes({ steps }: Plan): number {
  return steps.reduce(
    (sum, { args, task }) =>
      Object.values(args).reduce(
        (bytes, arg) =>
          arg.kind === "weight"
            ? bytes + BYTES[arg.dtype ?? constantsOf(task)] * arg.shape.reduce((a, b) => a * b, 1)
            : bytes,
        sum,
      ),
    0,
  );
}

interface Change {
  readonly layer: string;
  readonly algorithm: string;
  /** Bytes less than now. */
  readonly saved: number;
  /** Work more than now, for each byte that is saved. */
  readonly price: number;
}

/**
 * Algorithms that bring a plan's weights below a limit: again and again the change that costs least work for each byte, until they
 * fit or nothing is left to change. Winograd's transformed weights are up to seven times the plain ones.
 * @param candidates of the convolutions that are free to change, by layer
 */
export function fittingAlgorithms(
  plan: Plan,
  candidates: ReadonlyMap<string, readonly AlgorithmCandidate[]>,
  limit: number,
): ReadonlyMap<string, string> {
  const work = layerWork(plan);
  const chosen = new Map([...plannedAlgorithms(plan)].filter(([layer]) => candidates.has(layer)));
  let bytes = weightBytes(plan);
  while (bytes > limit) {
    const changes = [...chosen].flatMap(([layer, now]) =>
      changesOf(layer, now, candidates.get(layer) ?? [], work.get(layer) ?? 0),
    );
    if (changes.length === 0) break;
    const { layer, algorithm, saved } = changes.reduce((a, b) => (b.price < a.price ? b : a));
    chosen.set(layer, algorithm);
    bytes -= saved;
  }
  return chosen;
}

function changesOf(
  layer: string,
  now: string,
  candidates: readonly AlgorithmCandidate[],
  work: number,
): readonly Change[] {
  const current = candidates.find(({ algorithm }) => algorithm === now);
  if (current === undefined) return [];
  return candidates
    .filter(({ weights }) => weights < current.weights)
    .map(({ algorithm, cost, weights }) => {
      const saved = 4 * (current.weights - weights);
      return { layer, algorithm, saved, price: ((cost - current.cost) * work) / saved };
    });
}

/** Multiply-adds that each layer asks for. */
function layerWork({ steps }: Plan): ReadonlyMap<string, number> {
  const work = new Map<string, number>();
  for (const { layer, macs = 0 } of steps) work.set(layer, (work.get(layer) ?? 0) + macs);
  return work;
}

/** Throws F405 where somebody asked for fewer bytes than the smallest algorithms take. */
export function checkWeights(plan: Plan, { bytes, asked }: WeightLimit): void {
  const taken = weightBytes(plan);
  if (!asked || taken <= bytes) return;
  const mib = (n: number): string => `${(n / 2 ** 20).toFixed(1)} MiB`;
  throw new UserError({
    code: "F405",
    exit: "unsupportedModel",
    title: `the weights of \`${plan.name}\` do not fit into ${mib(bytes)}`,
    why: `they take ${mib(taken)} with the algorithms of smallest weights that nothing else decides against`,
    help: ["give a larger --max-weights, or take a smaller network"],
  });
}
