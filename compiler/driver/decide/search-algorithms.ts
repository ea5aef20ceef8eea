import pLimit from "p-limit";
import type { Graph } from "../../graph/graph.ts";
import type { AlgorithmCandidate } from "../../graph/node-task/conv-algorithms.ts";
import type { Target } from "../../machine/target.schema.ts";
import { compileStep, type DecidedPlan, type PlanRequest, stepKey, unlimitedPlan } from "./decided-plan.ts";
import { plannedAlgorithms, UNDECIDED } from "./decisions.ts";
import { allOf, pick, type SearchOptions } from "./search-knobs.ts";

/** What the algorithms of one convolution were found to take; the first is the estimate's choice. */
export interface AlgorithmsFound {
  readonly layer: string;
  readonly chosen: string;
  readonly candidates: readonly { readonly algorithm: string; readonly cycles: number }[];
}

/** Estimates are off by less: what should take more than the best, times this, is not tried. */
const WORTH_TRYING = 1.6;
const MOST_TRIED = 4;

/** A plan in which layers are computed by one of the algorithms that are worth trying for them. */
interface Round extends DecidedPlan {
  /** Layers that are planned so in this round for the first time, and by what. */
  readonly layers: ReadonlyMap<string, string>;
}

/**
 * Plans of a whole network that between them have every algorithm worth trying of every convolution that is not decided; the
 * first is the estimate's. A layer without a choice is in none.
 */
export function* algorithmRounds(
  source: Graph,
  wanted: Target,
  request: PlanRequest,
): Generator<Round, void, void> {
  const tries = triesOf(source, wanted, request);
  const rounds = Math.max(0, ...[...tries.values()].map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    const algorithm = (layer: string): string | undefined => {
      const of = tries.get(layer);
      return of?.[Math.min(round, of.length - 1)];
    };
    const plan = unlimitedPlan(source, wanted, { ...request, algorithm });
    const planned = plannedAlgorithms(plan.plan);
    const layers = [...tries].flatMap(([layer, of]) =>
      round < of.length && planned.get(layer) === of[round] ? [[layer, of[round]] as const] : [],
    );
    yield { ...plan, layers: new Map(layers) };
  }
}

/**
 * Tries the algorithms of every convolution that is not decided, each in a plan of the whole network, with the tiles that
 * schedules prefer, and takes that of fewest modelled cycles for all steps that work for the layer.
 */
export async function searchAlgorithms(
  source: Graph,
  wanted: Target,
  request: PlanRequest,
  options: SearchOptions,
): Promise<readonly AlgorithmsFound[]> {
  const rounds = [...algorithmRounds(source, wanted, request)];
  const cyclesOf = layerCycles(options);
  const found = new Map<string, Map<string, number>>();
  const total = rounds.reduce((sum, { layers }) => sum + layers.size, 0);
  let done = 0;
  for (const { layers, ...plan } of rounds) {
    for (const [layer, algorithm] of layers) {
      const of = found.get(layer) ?? new Map<string, number>();
      found.set(layer, of.set(algorithm, await cyclesOf(layer, plan)));
      options.onTrial(++done, total);
    }
  }
  return [...found].flatMap(([layer, cycles]) => picked(layer, cycles));
}

/** Algorithms to try, by layer, the estimate's choice first; only of layers that have a choice. */
function triesOf(
  source: Graph,
  wanted: Target,
  request: PlanRequest,
): ReadonlyMap<string, readonly string[]> {
  const { decisions = UNDECIDED } = request;
  const candidates = new Map<string, readonly AlgorithmCandidate[]>();
  const algorithm = (layer: string, all: readonly AlgorithmCandidate[]): undefined => {
    // a plan asks first without regard to what room there is
    if (!candidates.has(layer)) candidates.set(layer, all);
  };
  const { plan } = unlimitedPlan(source, wanted, { ...request, algorithm });
  const planned = plannedAlgorithms(plan);
  const tries = [...candidates].flatMap(([layer, all]) => {
    const estimated = planned.get(layer);
    if (estimated === undefined || decisions.algorithms.has(layer)) return [];
    const least = Math.min(...all.map(({ cost }) => cost));
    const worth = all
      .filter(({ algorithm, cost }) => algorithm !== estimated && cost <= WORTH_TRYING * least)
      .sort((a, b) => a.cost - b.cost)
      .map(({ algorithm }) => algorithm);
    return worth.length === 0 ? [] : [[layer, [estimated, ...worth].slice(0, MOST_TRIED)] as const];
  });
  return new Map(tries);
}

/** Gives modelled cycles of all steps that work for a layer; a kernel that several steps have is compiled and asked for once. */
function layerCycles({ cycles, jobs, signal }: SearchOptions) {
  const limit = pLimit(jobs);
  const known = new Map<string, Promise<number>>();
  return async (layer: string, { plan, target }: DecidedPlan): Promise<number> => {
    const each = plan.steps
      .filter((step) => step.layer === layer)
      .map((step) => {
        const key = stepKey(step);
        const count =
          known.get(key) ??
          limit(async () => {
            signal.throwIfAborted();
            return cycles(compileStep(step, target, undefined).kernel, signal);
          });
        known.set(key, count);
        return count;
      });
    return (await allOf(each)).reduce((sum, n) => sum + n, 0);
  };
}

/** The algorithm of fewest cycles; the estimate's, unless another is worth a change. */
function picked(layer: string, cycles: ReadonlyMap<string, number>): readonly AlgorithmsFound[] {
  const candidates = [...cycles].map(([algorithm, count]) => ({ algorithm, cycles: count }));
  if (candidates.length < 2) return [];
  return [{ layer, chosen: pick(candidates).algorithm, candidates }];
}
