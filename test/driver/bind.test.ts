import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bind } from "../../compiler/cli/commands/bind.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { buildBundle } from "../../compiler/toolchain/compile-bundle.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { withTypes } from "../graph/typed-graph.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-bind-"));
const [bundle, clients] = [join(folder, "bundle"), join(folder, "clients")];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const said: string[] = [];

/** A picture of bytes, a list of places; floats and the places turned around. */
beforeAll(async () => {
  const g = graphBuilder(makeRng(6));
  const x = g.input([1, 3, 6, 7]);
  const at = g.input([2, 3]);
  const turned = g.transpose(at, [1, 0]);
  const graph = { ...g.finish([g.conv(x, { oc: 4 }), turned]), name: "seen" };
  const typed = withTypes(graph, { [x]: "u8", [at]: "i64", [turned]: "i64" });
  const target = loadTarget("host");
  const { files } = await compileNetwork(typed, target, {
    meta: { modelSha256: "0".repeat(64) },
    golden: "always",
  });
  await writeBundle(files, bundle);
  await buildBundle(bundle, target);
  const terminal = { out: (text: string) => said.push(text) };
  const values = { words: { BUNDLE: bundle }, rest: [], output: clients };
  await bind.run(values as never, { terminal, signal: new AbortController().signal } as never);
}, 120_000);

const golden = (name: string): Uint8Array => new Uint8Array(readFileSync(join(bundle, "golden", name)));

describe("clients of a bundle", () => {
  test("are named after the network", () => {
    expect(said.map((line) => line.replaceAll(folder, "DIR"))).toEqual([
      "DIR/clients/seen.ts runs DIR/bundle/build/seen",
      "DIR/clients/seen.py loads DIR/bundle/build/libseen.so: `make -C DIR/bundle shared` builds it",
    ]);
  });

  test("in TypeScript have exact types and run the program", async () => {
    writeFileSync(
      join(clients, "use.ts"),
      `import { INPUTS, run } from "./seen.ts";
const shape: readonly [1, 3, 6, 7] = INPUTS[0].shape;
const image = new Uint8Array(INPUTS[0].length).fill(shape[1]);
const { conv2d1_out, transpose1_out } = await run({ input1: image, input2: BigInt64Array.of(0n, 1n, 2n, 3n, 4n, -5n) });
const scores: Float32Array = conv2d1_out;
const at: BigInt64Array = transpose1_out;
const refused = await run({ input1: image.subarray(1), input2: at }).catch(String);
const wide = await run({ input1: image, input2: at.map(() => 1n << 40n) }).catch(String);
console.log(JSON.stringify({ length: scores.length, at: Array.from(at, Number), refused, wide }));
// @ts-expect-error bytes are no floats
if (at.length === 0) await run({ input1: new Float32Array(126), input2: at });
// @ts-expect-error an input is missing
if (at.length === 0) await run({ input1: image });
`,
    );
    const config = { compilerOptions: OPTIONS, files: ["use.ts"] };
    writeFileSync(join(clients, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(join(clients, "package.json"), '{"type":"module"}');
    await execa(join(PACKAGE_ROOT, "node_modules/.bin/tsc"), ["-p", clients]);
    const { stdout } = await execa("node", [join(clients, "use.js")]);
    const { length, at, refused, wide } = JSON.parse(stdout);
    expect({ length, at, refused }).toEqual({
      length: 80,
      at: [0, 3, 1, 4, 2, -5],
      refused: "RangeError: input1 has 125 elements, the network takes 126",
    });
    expect(wide).toContain("an input or a result is a whole number that floats, or its type, do not hold");
  }, 60_000);

  const numpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;
  test.skipIf(!numpy)(
    `in Python load the shared library${numpy ? "" : " (no python3 with numpy here)"}`,
    async () => {
      await execa("make", ["-C", bundle, "-j2", "shared"]);
      writeFileSync(
        join(clients, "use.py"),
        `import sys
import threading
import numpy as np
import seen

def golden(name, port):
    return np.fromfile(sys.argv[1] + "/golden/" + name, port[1]).reshape(port[0])

given = {name: golden(f"input_{name}.bin", port) for name, port in seen.INPUTS.items()}
wanted = {name: golden(f"output_{name}.bin", port) for name, port in seen.OUTPUTS.items()}
right = []

def check(threads):
    with seen.Network(threads) as network:
        for _ in range(50):
            outputs = network.run(given)
            right.append(all(np.allclose(outputs[name], wanted[name], atol=1e-3) for name in wanted))

both = [threading.Thread(target=check, args=(threads,)) for threads in (1, 2)]
for thread in both:
    thread.start()
for thread in both:
    thread.join()
print(len(right), all(right), outputs_type := seen.Network().run(given)["transpose1_out"].dtype)
for odd in ({**given, "input2": given["input2"] + (1 << 30)}, {**given, "input2": given["input2"].astype("int32")}, {}):
    try:
        seen.Network().run(odd)
    except (seen.NetworkError, ValueError) as error:
        print(type(error).__name__, error)
`,
      );
      const { stdout } = await execa("python3", [join(clients, "use.py"), bundle]);
      expect(stdout.split("\n")).toEqual([
        "100 True int64",
        "NetworkError an input or a result is a whole number that floats, or its type, do not hold",
        "ValueError input2 has to be int64[2, 3], not int32[2, 3]",
        "ValueError the network takes ['input1', 'input2'], not []",
      ]);
      expect(golden("input_input2.bin").length).toBe(48);
    },
    60_000,
  );
});

const OPTIONS = {
  ...{ strict: true, module: "nodenext", target: "es2022", outDir: ".", types: ["node"] },
  ...{
    rewriteRelativeImportExtensions: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
  },
  typeRoots: [join(PACKAGE_ROOT, "node_modules/@types")],
};
