import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readMetadata } from "../../toolchain/read-metadata.ts";
import type { NetworkProgram } from "../run/network-program.ts";

/** A folder that `compile -o` wrote, with the program as it was built there; `built` is false where there is none. Throws B108. */
export async function bundleProgram(folder: string): Promise<NetworkProgram & { readonly built: boolean }> {
  const metadata = await readMetadata(folder);
  const program = resolve(join(folder, "build", metadata.program));
  const built = await access(program).then(
    () => true,
    () => false,
  );
  return { program, metadata, built };
}
