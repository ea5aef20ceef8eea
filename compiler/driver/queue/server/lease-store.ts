/** What a name is of. */
export type Kept = "board" | "health" | "desk";

/** Short texts that a queue's server keeps by name, each for some time of its own clock. */
export interface LeaseStore {
  /** Takes a name for a holder, or renews it; what its holder is, where that is another. */
  take(kind: Kept, name: string, holder: string, forMs: number): Promise<string | undefined>;
  /** Lets a name go that is this holder's. */
  release(kind: Kept, name: string, holder: string): Promise<void>;
  get(kind: Kept, name: string): Promise<string | undefined>;
  put(kind: Kept, name: string, text: string, forMs: number): Promise<void>;
  /** Puts it unless something is there, which is kept for as long then. */
  keep(kind: Kept, name: string, text: string, forMs: number): Promise<void>;
  remove(kind: Kept, name: string): Promise<void>;
  /** What was put, of so many names at most, in their order. */
  list(kind: Kept, most: number): Promise<readonly string[]>;
}
