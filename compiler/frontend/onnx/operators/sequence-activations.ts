import type { Activation, Recurrent } from "../../../graph/graph.ts";
import type { ActivationName } from "../../../ops/activation/activations.ts";
import type { NodeContext } from "../node-context.ts";

/** Attributes of a recurrent layer: names for each direction, and the numbers of those that have some, in their order. */
export interface ActivationLists {
  readonly activations: readonly string[] | undefined;
  readonly activation_alpha: readonly number[] | undefined;
  readonly activation_beta: readonly number[] | undefined;
}

/** What a name stands for, with the defaults of the ONNX operator it is called after. */
interface Named {
  readonly fn: ActivationName;
  readonly alpha?: number;
  readonly beta?: number;
}
const NAMED: Readonly<Record<string, Named>> = {
  elu: { fn: "elu", alpha: 1 },
  hardsigmoid: { fn: "hard-sigmoid", alpha: 0.2, beta: 0.5 },
  leakyrelu: { fn: "leaky-relu", alpha: 0.01 },
  relu: { fn: "leaky-relu" },
  sigmoid: { fn: "sigmoid" },
  softplus: { fn: "softplus" },
  softsign: { fn: "softsign" },
  tanh: { fn: "tanh" },
};
const DEFAULTS: Readonly<Record<Recurrent["cell"], readonly string[]>> = {
  rnn: ["Tanh"],
  gru: ["Sigmoid", "Tanh"],
  lstm: ["Sigmoid", "Tanh", "Tanh"],
};

/** The activations of each direction. Refuses names it does not know and numbers that no function takes. */
export function activationsOf(
  node: NodeContext,
  cell: Recurrent["cell"],
  lists: ActivationLists,
  directions: number,
): readonly (readonly Activation[])[] {
  const each = DEFAULTS[cell];
  const names = lists.activations ?? Array.from({ length: directions }, () => each).flat();
  if (names.length !== each.length * directions) {
    node.invalid(`it has ${names.length} activations, not ${each.length * directions}`);
  }
  const alphas = [...(lists.activation_alpha ?? [])];
  const betas = [...(lists.activation_beta ?? [])];
  const all = names.map((name): Activation => {
    const key = name.toLowerCase();
    if (!Object.hasOwn(NAMED, key)) node.unsupported(`its activation ${JSON.stringify(name)}`);
    const { fn, alpha, beta } = NAMED[key];
    return {
      fn,
      alpha: alpha === undefined ? 0 : (alphas.shift() ?? alpha),
      beta: beta === undefined ? 0 : (betas.shift() ?? beta),
    };
  });
  if (alphas.length + betas.length > 0) {
    node.unsupported("activation_alpha or activation_beta has numbers that none of its activations takes");
  }
  return Array.from({ length: directions }, (_, d) => all.slice(d * each.length, (d + 1) * each.length));
}
