import { writeBundle } from "../../../dist/driver/bundle/emit-bundle-write.js";
import { compileNetwork } from "../../../dist/driver/compile-network.js";
import { buildBundle } from "../../../dist/toolchain/compile-bundle.js";

/** Compiles a network into `folder` and builds its program. */
export async function compileWhole(folder, graph, target) {
  const { plan, kernels, files } = await compileNetwork(graph, target, {
    meta: { modelSha256: "0".repeat(64) },
  });
  await writeBundle(files, folder);
  const { program } = await buildBundle(folder, target, { jobs: 2 });
  return { plan, kernels, program };
}
