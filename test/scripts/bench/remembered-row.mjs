// What was found of a network is kept in the user's cache under all that it depends on: the compiler with its runtime and
// targets, the C compiler, the network's name.
import { readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached, store } from "../../../dist/build/cache.js";
import { findToolchain } from "../../../dist/build/toolchain.js";
import { defaultCacheDir } from "../../../dist/support/cache-folder.js";
import { contentKey, sha256 } from "../../../dist/support/stable.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Kernels are compiled from their TypeScript. */
const SOURCES = [
  ["dist", ".js"],
  ["compiler", ".kernel.ts"],
  ["runtime-c", ""],
  ["templates", ""],
  ["targets", ".json"],
  ["test/scripts/bench", "modelled-network.mjs"],
  ["test/scripts/bench", "pointwise.mjs"],
];

/** The answer of `make` for a network of the zoo on a target, or the one it gave before. */
export async function rememberedRow(model, target, make) {
  // A file may change under its name.
  if (!model.startsWith("zoo:")) return make();
  const folder = defaultCacheDir();
  const key = await keyOf(model, target);
  const known = await cached(folder, "network-rows", key);
  if (known !== undefined) return JSON.parse(await readFile(known, "utf8"));
  const row = await make();
  // Whoever builds meanwhile mixes two compilers: that answer is no one's.
  if ((await keyOf(model, target)) === key)
    await store(folder, "network-rows", key, (to) => writeFile(to, JSON.stringify(row)));
  return row;
}

async function keyOf(model, target) {
  const { fingerprint } = await findToolchain(target);
  return contentKey({
    model,
    target,
    fingerprint,
    sources: SOURCES.map(([folder, end]) => hashOf(folder, end)),
  });
}

function hashOf(folder, end) {
  const names = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(end))
    .map(({ parentPath, name }) => join(parentPath, name));
  return names.sort().map((name) => [name.slice(ROOT.length), sha256(readFileSync(name))]);
}
