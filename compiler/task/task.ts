import type { DType } from "../ir/dtype.ts";
import type { Storage } from "../ir/storage.ts";
import type { OpCall } from "../ops/op.ts";

/**
 * One unit of compilation: an operator's kernel with its sizes bound, and how each activation it touches
 * lies in memory. Weights have no storage here: the schedule chooses theirs.
 */
export interface Task extends OpCall {
  /** Storage of input and output parameters, by parameter name. */
  readonly storage: Readonly<Record<string, Storage>>;
  /** What inputs and outputs hold in memory, by parameter name, where that is not f32; numbers are converted as they are read and written. */
  readonly types?: Readonly<Record<string, DType>>;
  /** Set where the floats of its activations are f16: all that it computes, or what it reads and writes, as its operator says (`halves`). */
  readonly floats?: "f16";
  /** The input in whose memory the output is written (`inPlace` of its operator); absent: no two parameters share memory. */
  readonly inPlace?: string;
}
