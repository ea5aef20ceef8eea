import { UserError } from "../../support/diagnostic.ts";
import { didYouMean } from "../../support/text.ts";
import { densenet121, densenet201 } from "./densenet.ts";
import { efficientnetB0 } from "./efficientnet-b0.ts";
import { googlenet } from "./googlenet.ts";
import type { ZooNetwork } from "./grouping.ts";
import { mnasnet } from "./mnasnet.ts";
import { mobilenetV1 } from "./mobilenet-v1.ts";
import { mobilenetV2 } from "./mobilenet-v2.ts";
import { mobilenetV3 } from "./mobilenet-v3.ts";
import { proxylessnas } from "./proxylessnas.ts";
import { regnety400mf } from "./regnety-400mf.ts";
import { resnet18 } from "./resnet18.ts";
import { resnet34 } from "./resnet34.ts";
import { resnet50 } from "./resnet50.ts";
import { resnext50 } from "./resnext50.ts";
import { shufflenetV1 } from "./shufflenet-v1.ts";
import { shufflenetV2 } from "./shufflenet-v2.ts";
import { squeezenet } from "./squeezenet.ts";
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
  ["mobilenet-v2", mobilenetV2],
  ["mobilenet-v3", mobilenetV3],
  ["squeezenet1.1", squeezenet],
  ["shufflenet-v2", shufflenetV2],
  ["mnasnet1.0", mnasnet],
  ["proxylessnas", proxylessnas],
  ["efficientnet-b0", efficientnetB0],
  ["regnety-400mf", regnety400mf],
  ["googlenet", googlenet],
  ["resnet18", resnet18],
  ["resnet50", resnet50],
  ["densenet121", densenet121],
  ["densenet201", densenet201],
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
