import type { UserError } from "../../support/diagnostic.ts";
import type { KindText } from "../boards/equal-boards.ts";
import type { Place } from "../tune/tune-record.ts";
import type { HealthReading } from "./board-health.ts";
import type { QueueAnswer } from "./queue-answer.ts";

/** Where a worker does its jobs: one board, or the model of a core. */
export interface Desk {
  readonly about: DeskAbout;
  /** Does a job, whoever wrote it. Throws what is no fault of the job's: a board that is lost, the signal. */
  perform(data: unknown, signal: AbortSignal): Promise<QueueAnswer>;
  /** Looks how its board is; absent where there is none. Throws where it cannot be reached. */
  check?(): Promise<HealthReading>;
  close(): Promise<void>;
}

export interface DeskAbout {
  /** The board; absent: the model of the target's core. */
  readonly board?: string;
  /** Hash of the compiler. */
  readonly build: string;
  /** Content key of the target, whatever its name. */
  readonly targetKey: string;
  /** What results belong to: one for each instruction set of the target. */
  readonly places: readonly Place[];
  /** What times hang on, where the board tells it: boards of one name have to be equal. */
  readonly kind?: KindText;
  /** Jobs at a time: one is built while another is measured. */
  readonly slots: number;
}

/** An error as an answer has it. */
export function failedAnswer(error: UserError): QueueAnswer {
  const { code, exit, title, why } = error.diagnostic;
  return { version: 1, kind: "failed", code, exit, title: title.slice(0, 2000), ...short(why) };
}

function short(why: string | undefined): { readonly why?: string } {
  return why === undefined ? {} : { why: why.slice(0, 10_000) };
}
