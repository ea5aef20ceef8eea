import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BundleMetadata, bundleSchema } from "../artifact/bundle.ts";
import { notABundle } from "./build-errors.ts";

/** metadata.json of a bundle's folder. Throws B108. */
export async function readMetadata(bundle: string): Promise<BundleMetadata> {
  let text: string;
  try {
    text = await readFile(join(bundle, "metadata.json"), "utf8");
  } catch {
    throw notABundle(bundle, "it holds no metadata.json");
  }
  const parsed = bundleSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw notABundle(bundle, `its metadata.json cannot be used: ${[...path, message].join(": ")}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
