// One version of the compiler compiles its share of the cases:
//
//   node record.mjs ROOT JOBS.json RESULT.json TEXTS
//
// ROOT has the version's dist/; JOBS.json is a list of { model, target }; C goes to TEXTS, by its hash.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleKernels } from "./bundle-kernels.mjs";

const [root, jobs, result, texts] = process.argv.slice(2);
const { compileNetwork, loadModel, loadTarget } = await import(join(resolve(root), "dist/index.js"));

const keep = (hash, text) => {
  const path = join(texts, `${hash}.c`);
  if (!existsSync(path)) writeFileSync(path, text);
};
const meta = { modelSha256: "0".repeat(64) };
const records = [];
let loaded = {};
for (const { model, target } of JSON.parse(readFileSync(jobs, "utf8"))) {
  records.push({ model, target, ...(await compiled(model, target)) });
  process.stdout.write(".");
}
writeFileSync(result, JSON.stringify(records));

/** What a version refuses is compared, too. */
async function compiled(model, target) {
  try {
    if (loaded.model !== model) loaded = { model, graph: await loadModel(model) };
    const { files } = await compileNetwork(loaded.graph, loadTarget(target), { meta });
    return bundleKernels(files, keep);
  } catch (error) {
    if (error?.diagnostic === undefined) throw error;
    return { layers: [], rest: { refused: error.diagnostic.code } };
  }
}
