import { stat } from "node:fs/promises";

/** Whether a path is that of a folder that can be looked at. */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
