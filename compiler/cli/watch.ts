import { watch } from "node:fs";
import { dirname, resolve } from "node:path";

/** Editors save in several steps: what comes within this many milliseconds is one change. */
const SETTLED_MS = 80;

/**
 * Runs `work` now and again after each change of a file in the folders of `files`, until the signal aborts.
 * Changes during a run lead to one more run. `work` tells its failures itself.
 */
export async function runOnSave(
  files: readonly string[],
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const folders = [...new Set(files.map((file) => dirname(resolve(file))))];
  let changed = true;
  let wake = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  const notice = (_event: string, name: string | null): void => {
    if (name !== null && !/\.[mc]?ts$/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      changed = true;
      wake();
    }, SETTLED_MS);
  };
  const watchers = folders.map((folder) => watch(folder, notice));
  const stop = (): void => wake();
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      if (!changed) {
        await new Promise<void>((resume) => {
          wake = resume;
        });
        continue;
      }
      changed = false;
      await work();
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    for (const watcher of watchers) watcher.close();
  }
}
