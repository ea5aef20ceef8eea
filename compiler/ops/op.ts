import type { Intent } from "../artifact/intent.ts";
import type { TypedArray } from "../ir/dtype.ts";
import type { Storage } from "../ir/storage.ts";
import type { Dims } from "../language/kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Choose } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";

/** A kernel as Node runs it: constants, then nested arrays whose last level is a Float32Array. */
// biome-ignore lint/suspicious/noExplicitAny: each kernel has tensor parameters of its own ranks.
export type KernelFunction<D = Dims> = (dims: D, ...tensors: any[]) => void;

/** A tensor handed to a kernel: row-major data and its shape. Outputs are written in place. */
export interface KernelTensor {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What a kernel is run with: its tensors in the order of its parameters, undefined for those that it never reads. */
export interface KernelCall<D = Dims> {
  readonly dims: D;
  readonly tensors: readonly (KernelTensor | undefined)[];
}

/** What a kernel is compiled for: its sizes, and how inputs and outputs lie in memory. */
export interface LaidCall<D = Dims> {
  readonly dims: D;
  readonly storage: Readonly<Record<string, Storage>>;
}

/** A schedule's result: the steps taken and one line that explains the choice. */
export interface Scheduled {
  readonly schedule: Schedule;
  readonly choice: string;
  /** What it asks of the C compiler. */
  readonly intents?: readonly Intent[];
}
/**
 * A schedule for any kernel that has the sizes it reads: none, where it does not say which. What it asks of `choose` are its
 * knobs; without it, it takes its own preferences.
 */
export type NamedSchedule<D = unknown> = (s: Schedule, dims: D, target: Target, choose?: Choose) => Scheduled;

export interface ExecutedProducts {
  readonly products: number;
  readonly transforms: number;
}

/** What an operator does where activations are f16: it computes in f16, or in f32 with f16 in memory. */
export type HalfUse = "computed" | "stored";

/** An operator as its folder declares it: a runnable kernel and the schedules that make it fast. `D`: the kernel's sizes. */
export interface Operator<D> {
  readonly kernel: KernelFunction<D>;
  readonly schedules: Readonly<Record<string, NamedSchedule<D>>>;
  /** The schedule for these sizes when no one chose. */
  readonly pick: (s: Schedule, dims: D, target: Target) => string;
  /** Multiply-accumulates. */
  readonly macs: (dims: D) => number;
  /** Of an algorithm that does fewer: those it executes, and what its transforms come to as such. */
  readonly executes?: (dims: D) => ExecutedProducts;
  /** By what random numbers of a parameter are multiplied, for results of a usual size: its sums are short enough for what rounds them. */
  readonly usual?: (dims: D) => Readonly<Record<string, number>>;
  /** How it does with activations of f16; absent: it does not. */
  readonly halves?: HalfUse;
  /** Most elements are moved one by one, whatever vectors there are. */
  readonly oneByOne?: true;
  /** The input that may lie in the output's memory where they lie alike: each element is read only for the one in its place. */
  readonly inPlace?: string;
  /** It writes what lies around a tensor's elements, and none of these. */
  readonly borders?: true;
  /** Its task hangs on how a network lies in memory, as that of a layer of this kind does, with these sizes where none are given. */
  readonly layer?: { readonly kind: "convolution" | "dynamic-convolution"; readonly sizes: Dims };
  /** The same call by other sizes, for which Node runs the kernel in less time. */
  readonly inNode?: (call: KernelCall<D>) => KernelCall<D>;
  /** The same call by other sizes of the same memory, for which a schedule makes a better kernel: by the schedule's name. */
  readonly inSchedule?: Readonly<Record<string, (call: LaidCall<D>) => LaidCall<D>>>;
}

/** An operator by its name, for tasks of any: whoever makes one is held to its sizes (op-call.ts). */
export interface OpDef extends Operator<Dims> {
  readonly name: string;
  /** Kernel source, relative to compiler/ops; the function in it has the kernel's name. */
  readonly file: string;
}
/** The same, and which sizes it takes: a type that no value has. */
export interface SizedOp<D> extends OpDef {
  readonly takes?: (dims: D) => void;
}

/** An operator with its sizes bound. */
export interface OpCall {
  /** Name of an operator in compiler/ops/index.ts. */
  readonly op: string;
  /** Compile-time constants of the kernel: extents, strides, flags. */
  readonly dims: Dims;
}
