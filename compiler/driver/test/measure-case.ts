import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { CaseResult, Figures } from "../../results/results.schema.ts";
import { namedNumber } from "../../support/named-numbers.ts";
import { modelNetwork } from "../run/model-network.ts";
import { hasModel } from "../run/modelled-board.ts";
import type { NetworkProgram } from "../run/network-program.ts";
import type { VerifyReport } from "../run/verify-network.ts";
import { codeBytes } from "./code-bytes.ts";
import type { Measure } from "./suite-words.ts";
import { someTimes, timeCase } from "./time-case.ts";

export interface MeasureOptions {
  readonly measure: readonly Measure[];
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** Figures of a network and of its layers: sizes, errors where it was verified, and what was asked for. */
export async function measureCase(
  built: NetworkProgram & { readonly target: Target },
  runner: Runner,
  reports: readonly VerifyReport[],
  { measure, threads, ...run }: MeasureOptions,
): Promise<Pick<CaseResult, "whole" | "layers" | "steadiness">> {
  const { metadata, program, target } = built;
  const steps = metadata.layers.length;
  const modelled =
    measure.includes("cycles") && runner.timing === "emulated" && hasModel(target)
      ? await modelNetwork({ program, steps, target, ...run })
      : undefined;
  const times = measure.includes("time") ? await timeCase(built, runner, { ...run, threads }) : undefined;
  const timed = times?.report;
  const worst = worstOf(reports);
  const whole: Figures = {
    ...(modelled && { cycles: modelled.whole.cycles, instructions: modelled.whole.instructions }),
    ...(timed && { ns: someTimes(timed.whole.ns) }),
    codeBytes: await codeBytes(program),
    weightBytes: metadata.weightBytes,
    arenaBytes: metadata.arenaBytes,
    ...(reports.length > 0 && { ofBound: namedNumber(Math.max(0, ...worst.values())) }),
  };
  const layers = metadata.layers.map(({ name, op, kernel, schedule, choice, macs }, i) => {
    const step = modelled?.steps[i];
    const time = timed?.layers.find((layer) => layer.name === name);
    const error = worst.get(name);
    const figures: Figures = {
      ...(step && { cycles: step.cycles, instructions: step.instructions }),
      ...(time && { ns: someTimes(time.times.ns) }),
      ...(error !== undefined && { ofBound: namedNumber(error) }),
    };
    return { name, op, kernel, schedule, choice, macs, figures };
  });
  return { whole, layers, ...(times?.steadiness && { steadiness: times.steadiness }) };
}

/** The largest error of each layer, in parts of its bound. */
function worstOf(reports: readonly VerifyReport[]): ReadonlyMap<string, number> {
  const worst = new Map<string, number>();
  for (const { layers, outputs } of reports) {
    for (const { layer, tensor, worst: element } of [...layers, ...outputs]) {
      const key = layer ?? tensor;
      worst.set(key, Math.max(worst.get(key) ?? 0, element?.ofBound ?? 0));
    }
  }
  return worst;
}
