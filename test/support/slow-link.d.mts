export interface LinkOptions {
  /** Each way; default without limit. */
  readonly bytesPerSecond?: number;
  /** For each way: a round trip takes twice as long. */
  readonly delayMs?: number;
}

export interface SlowLink {
  /** On 127.0.0.1. */
  readonly port: number;
  /** How many have gone to the server. */
  bytesThere(): number;
  /** Lets no byte through for so long. */
  pause(ms: number): Promise<void>;
  /** Cuts what is connected. */
  cut(): void;
  stop(): void;
}

export function startSlowLink(port: number, options?: LinkOptions): Promise<SlowLink>;
