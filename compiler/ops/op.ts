import type { Intent } from "../artifact/intent.ts";
import type { Dims } from "../language/kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Choose } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";

/** A kernel as Node runs it: constants, then nested arrays whose last level is a Float32Array. */
// biome-ignore lint/suspicious/noExplicitAny: each kernel has tensor parameters of its own ranks.
export type KernelFunction = (dims: Dims, ...tensors: any[]) => void;

/** A schedule's result: the steps taken and one line that explains the choice. */
export interface Scheduled {
  readonly schedule: Schedule;
  readonly choice: string;
  /** What it asks of the C compiler. */
  readonly intents?: readonly Intent[];
}
/** A schedule for any sizes. What it asks of `choose` are its knobs; without it, it takes its own preferences. */
export type NamedSchedule = (s: Schedule, dims: Dims, target: Target, choose?: Choose) => Scheduled;

/** An operator: a runnable kernel and the schedules that make it fast. */
export interface OpDef {
  readonly name: string;
  readonly kernel: KernelFunction;
  /** Kernel source, relative to compiler/ops; the function in it has the kernel's name. */
  readonly file: string;
  readonly schedules: Readonly<Record<string, NamedSchedule>>;
  /** The schedule for these sizes when no one chose. */
  readonly pick: (s: Schedule, dims: Dims, target: Target) => string;
  /** Multiply-accumulates. */
  readonly macs: (dims: Dims) => number;
}
