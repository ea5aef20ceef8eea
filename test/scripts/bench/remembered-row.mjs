// What was found of a network or a layer is kept in the user's cache under all that it depends on: the compiler with its
// runtime and targets, the C compiler, the network's name or the layer, the scripts that ask.
import { readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultCacheDir } from "../../../dist/support/cache-folder.js";
import { contentKey, sha256 } from "../../../dist/support/stable.js";
import { cached, store } from "../../../dist/toolchain/cache.js";
import { findToolchain } from "../../../dist/toolchain/toolchain.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Kernels are compiled from their TypeScript. */
const SOURCES = [
  ["dist", ".js"],
  ["compiler", ".kernel.ts"],
  ["runtime-c", ""],
  ["templates", ""],
  ["targets", ".json"],
];
const SCRIPTS = "test/scripts/bench";

/** The answer of `make` for a network of the zoo on a target, or the one it gave before. */
export async function rememberedRow(model, target, make) {
  // A file may change under its name.
  if (!model.startsWith("zoo:")) return make();
  const scripts = ["modelled-network.mjs", "pointwise.mjs"];
  return remembered({ kind: "network-rows", question: { model }, scripts }, target, make);
}

/** The same for any question. `kind` names it in the cache, `scripts` are those that an answer depends on. */
export async function remembered({ kind, question, scripts }, target, make) {
  const folder = defaultCacheDir();
  const key = await keyOf(question, target, scripts);
  const known = await cached(folder, kind, key);
  if (known !== undefined) return JSON.parse(await readFile(known, "utf8"));
  const row = await make();
  // Whoever builds meanwhile mixes two compilers: that answer is no one's.
  if ((await keyOf(question, target, scripts)) === key)
    await store(folder, kind, key, (to) => writeFile(to, JSON.stringify(row)));
  return row;
}

async function keyOf(question, target, scripts) {
  const { fingerprint } = await findToolchain(target);
  const sources = [...SOURCES, ...scripts.map((name) => [SCRIPTS, name])];
  return contentKey({
    ...question,
    target,
    fingerprint,
    sources: sources.map(([folder, end]) => hashOf(folder, end)),
  });
}

function hashOf(folder, end) {
  const names = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(end))
    .map(({ parentPath, name }) => join(parentPath, name));
  return names.sort().map((name) => [name.slice(ROOT.length), sha256(readFileSync(name))]);
}
