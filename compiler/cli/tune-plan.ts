import type { DecidedPlan } from "../driver/decide/decided-plan.ts";
import type { Network } from "../driver/read-network.ts";
import type { Contest } from "../driver/tune/contests.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Numerics } from "../ops/numerics.ts";
import { type ReadingValues, readingOf } from "./reading-options.ts";
import type { Steps } from "./steps.ts";

interface ModelValues extends ReadingValues {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly numerics?: Numerics | undefined;
}

/** A network as it is planned, and the convolutions that could be computed by other algorithms. */
export interface Planned extends DecidedPlan {
  readonly network: Network;
  readonly contests: () => readonly Contest[];
}

/** Reads the network that is to be tuned, and plans it. */
export async function planOf(values: ModelValues, wanted: Target, steps: Steps): Promise<Planned> {
  const { readNetwork } = await import("../driver/read-network.ts");
  const { decidedPlan } = await import("../driver/decide/decided-plan.ts");
  const model = values.words.MODEL ?? "";
  const asked = { ...readingOf(values), model };
  const network = await steps.run(`reading ${model}`, (say) => readNetwork(asked, say));
  const { graph } = network;
  const { contestsOf } = await import("../driver/tune/contests.ts");
  const request = { numerics: values.numerics };
  return {
    ...decidedPlan(graph, wanted, request),
    network,
    contests: () => contestsOf(graph, wanted, request),
  };
}
