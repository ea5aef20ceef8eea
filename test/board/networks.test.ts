import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { buildBinary, compileToBundle } from "../../compiler/driver/build-network.ts";
import { runNetwork } from "../../compiler/driver/run/run-network.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { LONG } from "../support/amount.ts";

/** Whole networks at full size with `make test-networks`, at a size that suits every day otherwise. */
const FULL = process.env.TILEWRIGHT_NETWORKS === "1";
const SIZE = FULL ? "@224" : LONG ? "@64" : "@32";
const NETWORKS = [
  `zoo:resnext50${SIZE}`,
  `zoo:mobilenet-v1${SIZE}`,
  `zoo:mobilenet-v1-G4${SIZE}`,
  `zoo:resnet34-g4${SIZE}`,
  `zoo:resnet34-g32${SIZE}`,
  "zoo:wrn-40-2-g4",
  `zoo:shufflenet-v1${SIZE}`,
];
/** Every day groups and shuffles, with `make test-long` a large one, too; `make test-networks` runs all. */
const DAILY = NETWORKS.filter((name) =>
  (LONG ? /resnext50|mobilenet-v1-G4|shufflenet/ : /mobilenet-v1-G4|shufflenet/).test(name),
);
/** Of the range of the results: tighter than what the roundings of so many layers allow, 2 % in ResNeXt-50. */
const TOLERANCE = 1e-3;

const folder = mkdtempSync(join(tmpdir(), "tilewright-networks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const quiet = (): void => {};

/** This machine runs random networks every day, 32-bit code the digits network and random layers. */
const BOARDS = ["qemu-rpi4", ...(FULL ? ["host", "qemu-rpi2"] : [])];

describe.each(BOARDS)("networks of the zoo on %s agree with ONNX Runtime", (board) => {
  test.each(FULL ? NETWORKS : DAILY)(
    "%s",
    async (model) => {
      const graph = await loadModel(model);
      const target = loadTarget(board);
      const bundle = join(folder, `${board}-${model.replace(/\W/g, "_")}`);
      const request = {
        model,
        inputShapes: [],
        jobs: 2,
        dumpIr: undefined,
        signal: new AbortController().signal,
      };
      const compiled = await compileToBundle(
        { graph, sha256: "0".repeat(64) },
        target,
        bundle,
        request,
        quiet,
      );
      const program = await buildBinary(compiled, target, bundle, request, quiet);

      const rng = makeRng(5);
      const [port] = program.metadata.inputs;
      const count = port.shape.reduce((a, b) => a * b, 1);
      const data = Float32Array.from({ length: count }, () => rng.next() * 2 - 1);

      const { runner } = await openBoard(board);
      const ours = await runNetwork(program, runner, new Map([[port.name, { shape: port.shape, data }]]), {
        threads: 2,
        timeoutSeconds: 600,
      });
      await runner.close();

      const session = await InferenceSession.create(exportOnnx(graph));
      const theirs = await session.run({ [port.name]: new Tensor("float32", data, [...port.shape]) });
      for (const { name } of program.metadata.outputs) {
        const expected = theirs[name].data as Float32Array;
        const actual = ours.outputs.get(name)?.data as Float32Array;
        expect(actual.length).toBe(expected.length);
        const range = Math.max(...expected) - Math.min(...expected);
        const error = Math.max(...expected.map((v, i) => Math.abs(v - actual[i])));
        expect(range).toBeGreaterThan(0);
        expect(error).toBeLessThan(TOLERANCE * range);
      }
      await session.release();
      rmSync(bundle, { recursive: true, force: true });
    },
    900_000,
  );
});
