import type { Intent } from "../artifact/intent.ts";
import type { TypedArray } from "../ir/dtype.ts";
import type { Storage } from "../ir/storage.ts";
import type { Dims } from "../language/kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Choose } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";

/** A kernel as Node runs it: constants, then nested arrays whose last level is a Float32Array. */
// biome-ignore lint/suspicious/noExplicitAny: each kernel has tensor parameters of its own ranks.
export type KernelFunction = (dims: Dims, ...tensors: any[]) => void;

/** A tensor handed to a kernel: row-major data and its shape. Outputs are written in place. */
export interface KernelTensor {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What a kernel is run with: its tensors in the order of its parameters, undefined for those that it never reads. */
export interface KernelCall {
  readonly dims: Dims;
  readonly tensors: readonly (KernelTensor | undefined)[];
}

/** What a kernel is compiled for: its sizes, and how inputs and outputs lie in memory. */
export interface LaidCall {
  readonly dims: Dims;
  readonly storage: Readonly<Record<string, Storage>>;
}

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
  /** Of an algorithm that does fewer: those it executes, and what its transforms come to as such. */
  readonly executes?: (dims: Dims) => { readonly products: number; readonly transforms: number };
  /** Most elements are moved one by one, whatever vectors there are. */
  readonly oneByOne?: true;
  /** It writes what lies around a tensor's elements, and none of these. */
  readonly borders?: true;
  /** Its task hangs on how a network lies in memory, as that of a layer of this kind does, with these sizes where none are given. */
  readonly layer?: { readonly kind: "convolution"; readonly sizes: Dims };
  /** The same call by other sizes, for which Node runs the kernel in less time. */
  readonly inNode?: (call: KernelCall) => KernelCall;
  /** The same call by other sizes of the same memory, for which a schedule makes a better kernel: by the schedule's name. */
  readonly inSchedule?: Readonly<Record<string, (call: LaidCall) => LaidCall>>;
}
