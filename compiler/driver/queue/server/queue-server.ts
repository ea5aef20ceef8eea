import type { BackendFactory, IQueueBackend, JobProgress, Queue, Worker } from "bullmq";
import type { LeaseStore } from "./lease-store.ts";
import type { Presence } from "./presence.ts";

/** A connection to a server that queues lie on. What is asked of it while the server is away waits for it. */
export interface QueueServer {
  readonly store: LeaseStore;
  /** What queues and workers of BullMQ are opened with; they bring no connection of their own. */
  readonly backend: Backend;
  /** What the server says where it does not do what is asked of it; undefined: the error is of another kind. */
  refusal(error: unknown): string | undefined;
  /** Breaks the connection: what is asked then, and what was and has no answer yet, fails. */
  close(): Promise<void>;
}

export type Backend = BackendFactory<IQueueBackend, object>;
/** BullMQ's, on any server. */
export type AnyQueue = Queue<unknown, unknown, string, unknown, unknown, string, IQueueBackend, object>;
export type AnyWorker = Worker<unknown, string, string, IQueueBackend, JobProgress, object>;

export interface OpenServerOptions {
  readonly signal: AbortSignal;
  /** How long the server may take to answer at first. */
  readonly deadline: { readonly ms: number; readonly error: () => Error };
  /** Told when the server is away, and back. */
  readonly presence: Presence;
}

/** What all names begin with. */
export const PREFIX = "tilewright";
