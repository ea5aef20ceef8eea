import type { BoardTime } from "../run/board-time.ts";
import type { CoursePoint } from "../run/run-course.ts";

/** What a report shows, before anything of it is text: made of a compiled network, or of results of test runs. */
export interface ReportData {
  readonly title: string;
  readonly subtitle: string;
  readonly facts: readonly Fact[];
  readonly sections: readonly ReportSection[];
  /** Each once; none where only results are known. */
  readonly kernels: readonly ReportKernel[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What a section's costs are. Kinds are never mixed: what was not measured says so. */
export type CostKind =
  | "modelled"
  | "modelledTime"
  | "measured"
  | "emulated"
  | "unknown"
  | "instructions"
  | "bound"
  | "none";

/** One network on one board. */
export interface ReportSection {
  readonly title: string;
  readonly subtitle: string;
  readonly kind: CostKind;
  /** What the kind means, in a sentence. */
  readonly kindText: string;
  readonly facts: readonly Fact[];
  readonly whole: WholeFigures;
  readonly layers: readonly ReportLayer[];
  /** What is wrong, in a sentence each. */
  readonly problems: readonly string[];
  readonly memory?: MemoryMap;
  readonly roofline?: Roofline;
  readonly groups: readonly GroupCost[];
  readonly tuning: readonly TuneCurve[];
  /** How a measurement went, block after block. */
  readonly course?: readonly CoursePoint[];
  /** Settings of a sweep, in the place of layers. */
  readonly settings?: readonly SettingCost[];
}
export interface WholeFigures {
  /** In the kind's unit: cycles, nanoseconds or instructions. */
  readonly cost?: number;
  readonly before?: number;
  readonly macs: number;
  /** Of modelled cycles. */
  readonly time?: BoardTime;
  /** Part of the core's peak, 0 to 1. */
  readonly ofPeak?: number;
  readonly instructions?: number;
  readonly arenaBytes?: number;
  readonly weightBytes?: number;
  readonly codeBytes?: number;
  /** The largest error, in parts of its rounding bound. */
  readonly ofBound?: number;
  readonly verdict?: string;
}
export interface ReportLayer {
  readonly name: string;
  readonly op: string;
  readonly kernel: string;
  readonly schedule: string;
  readonly choice: string;
  readonly macs: number;
  /** In the unit of the section's kind. */
  readonly cost?: number;
  readonly before?: number;
  /** It had another kernel before. */
  readonly isChanged?: boolean;
  readonly share?: number;
  readonly ofPeak?: number;
  readonly parts?: CycleParts;
  readonly ofBound?: number;
}
/** Where a layer's cycles go; they add up to all of them. */
export interface CycleParts {
  /** What its multiplications take at the core's peak. */
  readonly peak: number;
  readonly secondCache: number;
  readonly memory: number;
  /** Everything else: other instructions, latencies, what does not fill the core. */
  readonly other: number;
}

/** Tensors in the arena: when they are alive and where they lie. */
export interface MemoryMap {
  readonly arenaBytes: number;
  readonly steps: number;
  readonly tensors: readonly {
    readonly name: string;
    readonly offset: number;
    readonly bytes: number;
    readonly first: number;
    readonly last: number;
  }[];
}

/** A board's two roofs and what layers reach below them. */
export interface Roofline {
  readonly macsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly points: readonly {
    readonly layer: string;
    readonly macsPerByte: number;
    readonly macsPerSecond: number;
  }[];
}

/** What a grouped convolution costs. */
export interface GroupCost {
  readonly layer: string;
  readonly groups: number;
  readonly groupSize: number;
  /** In the unit of the section's kind, for a thousand multiply-accumulates. */
  readonly costPerKiloMac: number;
}

/** What a network costs with one number or size of groups. */
export interface SettingCost {
  /** "G=8", "g=4". */
  readonly setting: string;
  readonly groups?: number;
  readonly groupSize?: number;
  readonly macs: number;
  /** In the unit of the section's kind; where the true one lies. */
  readonly cost: number;
  readonly interval?: Interval;
  readonly verdict?: string;
  /** Millijoules of a frame, by the power that was measured. */
  readonly energy?: number;
  readonly energyInterval?: Interval;
}
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How the best of a task improved while it was tuned. */
export interface TuneCurve {
  readonly task: string;
  /** Cost of the best so far after each trial, in parts of the reference's. */
  readonly best: readonly number[];
}

export interface ReportKernel {
  readonly name: string;
  readonly op: string;
  readonly schedule: string;
  readonly choice: string;
  /** The layers it computes. */
  readonly layers: readonly string[];
  readonly facts: readonly Fact[];
  readonly texts: readonly KernelText[];
}
export interface KernelText {
  readonly title: string;
  readonly text: string;
}
