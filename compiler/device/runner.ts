import type { BoardFacts } from "./board-facts.ts";
import type { BoardState } from "./board-state.ts";
import type { EnergyTrace, Sampling } from "./energy-trace.ts";

/** What a program may use and produce on a board. Paths are relative to a fresh private folder there. */
export interface Job {
  /** Path, on this machine, of a static executable for the board. */
  readonly program: string;
  readonly args: readonly string[];
  /** Another one, which the program runs itself: its path there follows the arguments. */
  readonly other?: string;
  /** Files put into the folder before the run: name there, contents. Names have no directories. */
  readonly files: readonly { readonly name: string; readonly data: Uint8Array }[];
  /** Files to bring back. */
  readonly fetch: readonly WantedFile[];
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Told of each line that the program prints, while it runs. What comes before the board is lost is told, too. */
  readonly onLine?: ((line: string) => void) | undefined;
}
/** A result: a regular file of so many bytes, or of at most so many. Anything else under its name is refused. */
export interface WantedFile {
  readonly name: string;
  readonly bytes: number;
  readonly orLess?: boolean;
}
export interface JobResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What times of a place are: of a processor, of an emulator, or of either: it does not say which machine it is. */
export type Timing = "measured" | "emulated" | "unknown";

/** A place where programs run: this machine, an emulator, a board over ssh. Failures are UserErrors (D codes). */
export interface Runner {
  /** As the user named it. */
  readonly board: string;
  /** What its times are. */
  readonly timing: Timing;
  run(job: Job): Promise<JobResult>;
  /** The place's clock, heat and governor now; absent where they would say nothing about the times. */
  readState?(): Promise<BoardState>;
  /** What the place's energy sensors say, also while a program runs; absent where they would say nothing about it. */
  sampleEnergy?(sampling: Sampling): Promise<EnergyTrace>;
  /** What kind of machine the place is; absent where programs are told what it is. */
  readFacts?(): Promise<BoardFacts>;
  close(): Promise<void>;
}
