import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll } from "vitest";

/*
 * Starting a program copies the page tables of the process that does it: beside half a gigabyte outside of V8's heap
 * (weights, sessions of ONNX Runtime) each compiler, emulator and shell takes a tenth of a second more. So what files of
 * tests leave is collected when it is much, and given back to the system: vitest.config.ts says so to glibc, of workers alone.
 */
for (const name of Object.keys(process.env)) if (name.startsWith("MALLOC_")) delete process.env[name];

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
/** Bytes of a worker that is no small one any more: collecting takes a tenth of a second itself. */
const LARGE = 600 * 2 ** 20;
afterAll(() => {
  if (process.memoryUsage.rss() > LARGE) collect();
});
