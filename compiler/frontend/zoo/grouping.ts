import type { Graph } from "../../graph/graph.ts";
import { UserError } from "../../support/diagnostic.ts";

/** What the user may choose of a zoo network. */
export interface ZooOptions {
  /** Number of groups of the grouped layers. */
  readonly g?: number;
  /** Channels per group of the grouped layers; 1 is depthwise. */
  readonly G?: number;
  /** Height and width of the input. */
  readonly inputSize?: number;
  readonly seed?: number;
  readonly classes?: number;
  /** Weights are all zero and building takes no time: for counting what a network costs. */
  readonly shapesOnly?: boolean;
}

export interface ZooNetwork {
  readonly summary: string;
  /** [N, C, H, W]. */
  readonly defaultInput: readonly number[];
  readonly build: (options?: ZooOptions) => Graph;
}

/** The grouping asked for, as a rule that gives the number of groups of a layer. */
export interface Grouping {
  /** "-g4", "-G8", or "" for the network's own. */
  readonly suffix: string;
  readonly asked: boolean;
  /** Groups of the layer `name` over `channels`; F203 when they do not divide. */
  groups(name: string, channels: number): number;
}

/** `usual` is the rule of the network as published. Errors: F203 for both of g and G, or values below 1. */
export function readGrouping(
  network: string,
  options: ZooOptions,
  usual: (channels: number) => number,
): Grouping {
  const { g, G } = options;
  if (g !== undefined && G !== undefined) {
    throw badGrouping(
      network,
      "--g and --G were both given",
      "--g counts groups, --G channels per group: give one",
    );
  }
  const asked = g ?? G;
  if (asked !== undefined && !(Number.isSafeInteger(asked) && asked >= 1)) {
    throw badGrouping(
      network,
      `${g === undefined ? "--G" : "--g"} is ${asked}`,
      "wanted is a whole number from 1 on",
    );
  }
  return {
    suffix: g !== undefined ? `-g${g}` : G !== undefined ? `-G${G}` : "",
    asked: asked !== undefined,
    groups(name, channels) {
      const groups = g ?? (G === undefined ? usual(channels) : channels / G);
      if (Number.isInteger(groups) && channels % groups === 0) return groups;
      const flag = g === undefined ? `--G ${G}` : `--g ${g}`;
      const why = `${flag} does not divide the ${channels} channels of layer \`${name}\``;
      throw badGrouping(network, why, `choose a divisor of ${channels}; --G 1 makes the layers depthwise`);
    },
  };
}

/** F203. */
export function badGrouping(network: string, why: string, help: string): UserError {
  return new UserError({
    code: "F203",
    exit: "usage",
    title: `zoo network \`${network}\` cannot be built with this grouping`,
    why,
    help: [help],
  });
}
