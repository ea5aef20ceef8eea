import type { BundleMetadata } from "../../artifact/bundle.ts";
import type { Toolchain } from "../../toolchain/toolchain.ts";

/** A compiled network, ready to be run somewhere. */
export interface NetworkProgram {
  /** Path, on this machine, of the static executable. */
  readonly program: string;
  readonly metadata: BundleMetadata;
  /** What built it; absent where that is not known. */
  readonly toolchain?: Pick<Toolchain, "command" | "version">;
}
