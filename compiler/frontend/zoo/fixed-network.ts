import { type Layer, makeNetBuilder, type NetBuilder } from "./builder.ts";
import { badGrouping, type ZooNetwork } from "./grouping.ts";

export interface FixedNetwork {
  readonly name: string;
  readonly summary: string;
  readonly seed: number;
  /** From the image to scores [N, classes]. */
  scores(net: NetBuilder, classes: number): Layer;
}

/** A network for 224x224 that ends in a softmax and whose groups are not for the user to choose. */
export function fixedNetwork({ name, summary, seed, scores }: FixedNetwork): ZooNetwork {
  return {
    summary,
    defaultInput: [1, 3, 224, 224],
    build(options = {}) {
      if (options.g !== undefined || options.G !== undefined) {
        throw badGrouping(name, "its groups are part of its architecture", "leave --g and --G away");
      }
      // At 64 the last maps would be 2x2, of which a 5x5 or 7x7 sees mostly padding.
      const net = makeNetBuilder(options, { inputSize: 224, seed, sampleSize: 128 });
      return net.finish(name, net.softmax("probabilities", scores(net, options.classes ?? 1000)));
    },
  };
}
