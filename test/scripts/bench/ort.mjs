// ONNX Runtime as a peer: the library inside onnxruntime-node, run through its C API by ort-runner.c.
//
// Not through the package's own session.run: that hands every call to another thread and back, tens of microseconds
// that are Node's and not the runtime's. The library, its kernels and its settings are the same.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PACKAGE = "node_modules/onnxruntime-node";
const SOURCE = fileURLToPath(new URL("ort-runner.c", import.meta.url));

/** Version of the runtime, and where the package keeps its library for an architecture; undefined when it is not there. */
export function findOrt(arch = process.arch) {
  const bin = join(PACKAGE, "bin");
  if (process.platform !== "linux" || !existsSync(bin)) return undefined;
  const found = readdirSync(bin)
    .map((napi) => join(process.cwd(), bin, napi, "linux", arch, "libonnxruntime.so.1"))
    .find((path) => existsSync(path));
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  return found === undefined ? undefined : { library: found, version };
}

/** Compiles ort-runner.c into `folder`; the path of the program. */
export function buildOrtRunner(folder, cc = "cc") {
  const program = join(folder, "ort-runner");
  execFileSync(cc, ["-O2", "-o", program, SOURCE, "-ldl"]);
  return program;
}

/** Arguments of ort-runner for a model of one input and one output: `{ path, input: { name, shape, file }, output: { name, file } }`. */
export function ortArguments(library, { path, input, output, optimized }) {
  const dims = input.shape.join("x");
  const optional = optimized === undefined ? [] : [optimized];
  return [library, path, input.name, dims, input.file, output.name, output.file, ...optional];
}

/** Runs a model once: its output file, and the graph the runtime makes of the model, are written. */
export function runOrt(program, library, model) {
  execFileSync(program, ortArguments(library, model), { input: "", cwd: dirname(model.output.file) });
}

/** A session that waits; `time(ms)` runs it that long and gives the least time of a run in microseconds. */
export function openOrt(program, library, model) {
  const child = spawn(program, ortArguments(library, model), { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async time(ms) {
      child.stdin.write(`time ${ms}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`ONNX Runtime ended while it ran ${model.path}`);
      return Number(value) / 1000;
    },
    close: () => child.stdin.end(),
  };
}
