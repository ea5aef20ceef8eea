/** Most text taken from one run; a program that says more has lost its way. */
export const OUTPUT_LIMIT = 32 * 1024 * 1024;

/** Collects output up to a limit, so that a runaway program cannot fill the memory here. */
export class LimitedBytes {
  readonly #chunks: Buffer[] = [];
  readonly #limit: number;
  #size = 0;
  #overflowed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False once the limit is passed; the rest is dropped. */
  add(chunk: Buffer): boolean {
    const room = this.#limit - this.#size;
    if (chunk.length > room) this.#overflowed = true;
    const taken = chunk.subarray(0, Math.max(0, room));
    this.#chunks.push(taken);
    this.#size += taken.length;
    return !this.#overflowed;
  }

  get overflowed(): boolean {
    return this.#overflowed;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
