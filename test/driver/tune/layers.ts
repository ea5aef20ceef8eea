import { setTimeout as sleep } from "node:timers/promises";
import type { Kernel } from "../../../compiler/artifact/kernel.ts";
import { type DecidedPlan, decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { madeWith } from "../../../compiler/driver/run/made-with.ts";
import { immediateMeter, type Kernels, type Meter } from "../../../compiler/driver/tune/meter.ts";
import type { Place } from "../../../compiler/driver/tune/tune-record.ts";
import type { Graph } from "../../../compiler/graph/graph.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import type { Task } from "../../../compiler/task/task.ts";
import { graphBuilder } from "../../graph/graph-builder.ts";

/** A grouped, a depthwise and a pointwise convolution, with little to compute. */
export function smallNetwork(): Graph {
  const b = graphBuilder(makeRng(3));
  const x = b.input([1, 16, 9, 10]);
  const y = b.conv(x, { oc: 32, kernel: 3, pads: [1, 1, 1, 1], groups: 4, stride: 2 });
  const z = b.conv(y, { oc: 32, kernel: 3, groups: 32 });
  return b.finish([b.conv(z, { oc: 24, kernel: 1 })]);
}

export function smallPlan(target = "rpi4"): DecidedPlan {
  return decidedPlan(smallNetwork(), loadTarget(target));
}

/** The task of the convolution of some kernel size. */
export function convTask({ plan }: DecidedPlan, size: 1 | 3): Task {
  const step = plan.steps.find(({ task }) => task.op === "conv2d" && task.dims.KH === size);
  if (step === undefined) throw new Error("no such layer");
  return step.task;
}

export const PLACE: Place = {
  board: "rpi4",
  target: "rpi4",
  core: "cortex-a72",
  isa: "neon-v8",
  threads: 1,
  made: await madeWith(loadTarget("rpi4")),
  kind: "modelled",
};

/** A meter of made-up cycles; keeps what it is asked for. */
export function hashedMeter(): Meter & { readonly asked: string[] } {
  const asked: string[] = [];
  const meter = immediateMeter(async (kernels: Kernels) => {
    asked.push(...kernels.map(({ name }) => name));
    return kernels.map((kernel) => ({
      outcome: "ok",
      cost: { kind: "modelled", cycles: cyclesOf(kernel) },
    }));
  });
  return { ...meter, asked };
}

/** The same, proposed ahead: each kernel takes some milliseconds to measure. */
export function aheadMeter(ms: number): Meter & { readonly asked: string[] } {
  const asked: string[] = [];
  const prepare: Meter["prepare"] = async (kernels) => ({
    measure: async (wanted, tell) => {
      for (const i of wanted) {
        if (ms > 0 && i % 8 === 0) await sleep(ms);
        asked.push(kernels[i].name);
        tell(i, { outcome: "ok", cost: { kind: "modelled", cycles: cyclesOf(kernels[i]) } });
      }
    },
    drop: async () => {},
  });
  return { ahead: true, prepare, asked };
}

/** More for longer texts, a little at random: a search has something to find, and soon ends. */
export function cyclesOf({ key, c }: Kernel): number {
  return c.length + (Number.parseInt(key.slice(0, 6), 16) % 1000);
}

/** The task of the depthwise convolution: the one of fewest points. */
export function depthwiseTask({ plan }: DecidedPlan): Task {
  const step = plan.steps.find(({ task }) => task.op === "conv2d" && task.dims.G === 32);
  if (step === undefined) throw new Error("no such layer");
  return step.task;
}
