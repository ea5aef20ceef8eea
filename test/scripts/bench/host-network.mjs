// A whole network natively: our `host` target and ONNX Runtime in turns, one thread each; and ours on two threads.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadTarget } from "../../../dist/machine/load.js";
import { compileWhole } from "./compile-whole.mjs";
import { floatsOf, largestError, median } from "./numbers.mjs";
import { buildOrtRunner, findOrt, openOrt } from "./ort.mjs";
import { writeNetwork } from "./write-network.mjs";

const ROUNDS = 11;
/** Of each side in each round. */
const MS = 100;

/** `measure(name)` for each network of the zoo; `note` says what is compared, or why nothing is. */
export function openHost(folder) {
  const target = loadTarget("host");
  const ort = findOrt();
  const runner = ort === undefined ? undefined : { ...ort, program: buildOrtRunner(folder) };
  const note =
    ort === undefined
      ? "natively: onnxruntime-node is not installed here: no comparison with it"
      : `natively: ONNX Runtime ${ort.version} in turns with ours, the best inference of each turn, medians of ${ROUNDS} turns`;
  return { note, measure: (name) => measureNetwork(folder, target, name, runner) };
}

async function measureNetwork(folder, target, name, runner) {
  const model = await writeNetwork(folder, name);
  const { program } = await compileWhole(`${model.path}-host`, model.graph, target);
  const session = runner && openOrt(runner.program, runner.library, model);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const host_us = timeOurs(program, 1);
    const host_2_threads_us = timeOurs(program, 2);
    const threads_ratio = host_us / host_2_threads_us;
    if (session === undefined) rounds.push({ host_us, host_2_threads_us, threads_ratio });
    else {
      const onnxruntime_us = await session.time(MS);
      const host_ratio = onnxruntime_us / host_us;
      rounds.push({ host_us, host_2_threads_us, threads_ratio, onnxruntime_us, host_ratio });
    }
  }
  session?.close();
  const medians = Object.keys(rounds[0]).map((key) => [key, median(rounds.map((round) => round[key]))]);
  return { ...Object.fromEntries(medians), ...(session && errorOf(program, folder, model)) };
}

/**
 * Microseconds of an inference, the least of those that go on for some milliseconds: a network takes long enough to meet
 * whatever else the machine does.
 */
export function timeOurs(program, threads, ms = MS) {
  const args = ["--warmup", "2", "--repeats", "3", "--min-ms", String(ms), "--threads", String(threads)];
  const lines = execFileSync(program, ["bench", ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
  const { ns } = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .find(({ kind }) => kind === "network");
  return Math.min(...ns) / 1000;
}

/** The runtime has left its result of the same input in the model's output file. */
function errorOf(program, folder, { input, output }) {
  const ours = join(folder, "ours.f32");
  execFileSync(program, ["run", "--inputs", input.file, "--outputs", ours]);
  return largestError(floatsOf(readFileSync(ours)), floatsOf(readFileSync(output.file)));
}
