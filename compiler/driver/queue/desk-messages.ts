import type { Diagnostic } from "../../support/diagnostic.ts";
import type { HealthReading } from "./board-health.ts";
import type { DeskAbout } from "./desk.ts";
import type { QueueAnswer } from "./queue-answer.ts";

/** What the process of a desk opens. */
export interface DeskRequest {
  /** Name or file of the target. */
  readonly target: string;
  readonly board?: string | undefined;
  readonly pool?: string | undefined;
  readonly threads: number;
  readonly jobs: number;
  readonly coolDownC?: number | undefined;
  readonly access: {
    readonly sshConfig?: string | undefined;
    readonly lockWaitSeconds?: number | undefined;
    readonly remoteDir?: string | undefined;
    readonly remoteLimitBytes?: number | undefined;
  };
}

/** To the process of a desk. */
export type ToDesk =
  | { readonly kind: "open"; readonly request: DeskRequest }
  | { readonly kind: "perform"; readonly id: number; readonly data: unknown }
  | { readonly kind: "check"; readonly id: number }
  | { readonly kind: "stop" };

/** From the process of a desk. */
export type FromDesk =
  | { readonly kind: "open"; readonly about: DeskAbout }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "answer"; readonly id: number; readonly answer: QueueAnswer | HealthReading }
  /** Without an id: it cannot be opened. */
  | { readonly kind: "error"; readonly id?: number; readonly error: Said };

/** An error that crosses processes: a user's, or a bug. */
export type Said =
  | { readonly diagnostic: Diagnostic }
  | { readonly message: string; readonly stack?: string | undefined };
