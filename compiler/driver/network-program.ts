import type { BundleMetadata } from "../artifact/bundle.ts";

/** A compiled network, ready to be run somewhere. */
export interface NetworkProgram {
  /** Path, on this machine, of the static executable. */
  readonly program: string;
  readonly metadata: BundleMetadata;
}
