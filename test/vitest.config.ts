import { defineConfig } from "vitest/config";
import { LongestFirst } from "./support/longest-first.ts";

// Workers give large blocks back to the system at once: see support/small-process.ts. glibc reads these when a process starts.
Object.assign(process.env, {
  MALLOC_ARENA_MAX: "2",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072",
});

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    // Whole emulated machines are fetched and started only where they are asked for.
    include: [
      process.env.TILEWRIGHT_SYSTEM === "1" ? "test/system/*.test.ts" : "test/!(system)/**/*.test.ts",
    ],
    setupFiles: ["test/support/small-process.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One more than the cores there are: tests of links and deadlines wait most of the time.
    maxWorkers: 3,
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Compiling makes much that is soon left: collected less often, it costs half.
    execArgv: ["--max-semi-space-size=64"],
  },
});
