import type { DType } from "./dtype.ts";
import type { Block } from "./stmt.ts";
import type { Storage } from "./storage.ts";

/** What a parameter is to its procedure; weights are constants laid out at compile time. */
export type Role = "input" | "weight" | "output";

/** A buffer handed in by the caller. `storage.shape` is its logical shape. */
export interface Param {
  readonly name: string;
  readonly role: Role;
  readonly dtype: DType;
  readonly storage: Storage;
  /** Set for an index table, a weight of i32: its elements lie in 0 .. bound-1, and may be part of indices. */
  readonly bound?: number;
  /** Its memory is another parameter's, too: what is written there was read before, as the same element. */
  readonly shared?: true;
}

/** A procedure of loops: what schedules rewrite. Accesses are logical; storage says where they lie. */
export interface LoopProc {
  readonly stage: "loop";
  readonly name: string;
  readonly params: readonly Param[];
  readonly body: Block;
}
