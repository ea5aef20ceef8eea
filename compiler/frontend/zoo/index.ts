import { UserError } from "../../support/diagnostic.ts";
import { didYouMean } from "../../support/text.ts";
import type { ZooNetwork } from "./grouping.ts";
import { mobilenetV1 } from "./mobilenet-v1.ts";
import { resnet34 } from "./resnet34.ts";
import { resnext50 } from "./resnext50.ts";
import { shufflenetV1 } from "./shufflenet-v1.ts";
import { wrn402 } from "./wrn-40-2.ts";

export type { ZooNetwork, ZooOptions } from "./grouping.ts";
export { parseZooName, zooInputSize } from "./spec.ts";

/** Published architectures with seeded weights: real shapes and honest arithmetic, not trained. */
export const zooNetworks: ReadonlyMap<string, ZooNetwork> = new Map([
  ["resnext50", resnext50],
  ["mobilenet-v1", mobilenetV1],
  ["resnet34", resnet34],
  ["wrn-40-2", wrn402],
  ["shufflenet-v1", shufflenetV1],
]);

/** Throws F202 for names not in the zoo. */
export function findZooNetwork(name: string): ZooNetwork {
  const found = zooNetworks.get(name);
  if (found !== undefined) return found;
  const names = [...zooNetworks.keys()];
  const close = didYouMean(name, names);
  throw new UserError({
    code: "F202",
    exit: "usage",
    title: `the zoo has no network \`${name}\``,
    why: `it has ${names.join(", ")}`,
    ...(close === undefined ? {} : { help: [`did you mean \`${close}\`?`] }),
  });
}
