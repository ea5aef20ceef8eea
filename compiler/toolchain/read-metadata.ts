import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BundleMetadata, bundleSchema } from "../artifact/bundle.ts";
import { UserError } from "../support/diagnostic.ts";
import { notABundle } from "./build-errors.ts";

/** A thousand times that of a large network. */
const MOST_BYTES = 2 ** 28;

/** metadata.json of a bundle's folder. Throws B108. */
export async function readMetadata(bundle: string): Promise<BundleMetadata> {
  const path = join(bundle, "metadata.json");
  let text: string;
  try {
    if ((await stat(path)).size > MOST_BYTES) throw notABundle(bundle, "its metadata.json is too large");
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw notABundle(bundle, existsSync(bundle) ? "it holds no metadata.json" : "it is not there");
  }
  const parsed = bundleSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw notABundle(bundle, `its metadata.json cannot be used: ${[...issue.path, issue.message].join(": ")}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
