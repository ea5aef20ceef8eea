import type { DType, TypedArray } from "../ir/dtype.ts";
import type { PortType } from "../ir/port-type.ts";
import type { Quantization } from "../ir/quantization.ts";
import type { Storage } from "../ir/storage.ts";
import type { Task } from "../task/task.ts";

/**
 * A network ready for code: tasks in order, every buffer given its place. Made by planNetwork();
 * the driver compiles each distinct task once and prints the bundle from this value.
 */
export interface Plan {
  readonly name: string;
  readonly arenaBytes: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Numbers that are NaN after a run that has failed: an index was computed that names no element. */
  readonly checks: readonly Place[];
  readonly steps: readonly Step[];
}

/** A network input or output as the user sees it: planar row-major. */
export interface Port {
  readonly name: string;
  readonly shape: readonly number[];
  /** Absent: f32. */
  readonly dtype?: PortType;
  /** Along this axis the first rows are used, as many as the network finds; others are -1, or NaN among floats. */
  readonly rows?: number;
  /**
   * Set where a network, which computes in floats, has another type here: an input is "copied" to floats by the steps that read it, or
   * made floats at a place, row-major, before the first step; an output is made of floats at a place when the last step is done.
   */
  readonly floats?: "copied" | Place;
}

/** One kernel call over the whole grid. */
export interface Step {
  /** Name of its layer; helper steps and parts but the last add a suffix: "conv1/halo", "conv1/part0". */
  readonly name: string;
  /** Name of the graph node, or input, that it works for. */
  readonly layer: string;
  readonly task: Task;
  /** By parameter name; parameters the compiled kernel no longer has are ignored. */
  readonly args: Readonly<Record<string, Arg>>;
  /** Multiply-accumulates that the network asks for; a kernel of channels that only fill vectors does more. */
  readonly macs?: number;
  /** Of all parts of a convolution that there are several ways to compute: "direct", "winograd6:48+winograd4:8". */
  readonly algorithm?: string | undefined;
  /** The layer behind it that it computes, too. */
  readonly computes?: string | undefined;
  /** The graph tensor this step completes (absent for steps that only prepare memory), and how all of it lies at its place. */
  readonly produces?: {
    readonly tensor: string;
    readonly shape: readonly number[];
    readonly place: Place;
    readonly storage: Storage;
    /** Of its numbers there; absent: f32. */
    readonly dtype?: "f16" | "i8";
    /** What those of i8 stand for. */
    readonly quantized?: Quantization;
  };
}

/** Where an activation lies. Arena offsets are in bytes, multiples of 64. */
export type Place =
  | { readonly kind: "arena"; readonly offset: number }
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "output"; readonly index: number };

/** What a parameter is bound to; a weight's data is logical row-major in the parameter's logical shape. */
export type Arg =
  | Place
  | {
      readonly kind: "weight";
      readonly shape: readonly number[];
      readonly data: TypedArray;
      /** Of its elements; absent: f32, or as wide. */
      readonly dtype?: DType | undefined;
    };
