import { relative } from "node:path";

/** A path as a person reads it: below the folder that one works in, where it is there. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below === "" || below.startsWith("..") ? path : below;
}
