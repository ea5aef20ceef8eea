import { readFileSync } from "node:fs";

let features: ReadonlySet<string> | undefined;

/**
 * Whether this machine's processor has a feature, as /proc/cpuinfo names it (`avx512f`). Where that cannot
 * be read it has none: narrow vectors run everywhere.
 */
export function hasFeature(name: string): boolean {
  features ??= readFeatures();
  return features.has(name);
}

function readFeatures(): ReadonlySet<string> {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"));
    return new Set(line?.[1].trim().split(/\s+/));
  } catch {
    return new Set();
  }
}
