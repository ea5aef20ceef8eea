import type { Graph } from "../../graph/graph.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { lookForToolchain } from "../../toolchain/toolchain.ts";
import type { PlanRequest } from "../decide/decided-plan.ts";
import { type Recorded, recordedDecisions } from "./recorded-decisions.ts";
import { shippedRecords } from "./records/shipped-records.ts";

/**
 * What records that come with Tilewright decide of what is not decided already: the same wherever the same C compiler is, as they
 * serve no other. Undefined where there are none of the target's core, or there is no C compiler. Throws R151.
 */
export async function shippedDecisions(
  source: Graph,
  target: Target,
  request: PlanRequest,
): Promise<Recorded | undefined> {
  const lines = await shippedRecords(target.core.name);
  if (lines.length === 0 || (await lookForToolchain(target)) instanceof UserError) return undefined;
  return recordedDecisions(source, target, request, lines);
}
