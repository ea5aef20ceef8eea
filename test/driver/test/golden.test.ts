import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noteUnused } from "../../../compiler/cli/golden-run.ts";
import { writeBundle } from "../../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../../compiler/driver/compile-network.ts";
import type { Golden } from "../../../compiler/driver/test/golden/golden.schema.ts";
import { keepGolden } from "../../../compiler/driver/test/golden/keep-golden.ts";
import { runSuite } from "../../../compiler/driver/test/run-suite.ts";
import type { LayerSizes, ReferenceWish, Suite } from "../../../compiler/driver/test/suite.schema.ts";
import { suiteOf, testCases } from "../../../compiler/driver/test/test-cases.ts";
import { networkOf } from "../../../compiler/driver/test/test-request.ts";
import { readNpz, writeNpz } from "../../../compiler/frontend/npy.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import type { CaseResult } from "../../../compiler/results/results.schema.ts";
import { PACKAGE_ROOT } from "../../../compiler/support/paths.ts";
import { sha256 } from "../../../compiler/support/stable.ts";
import { buildBundle } from "../../../compiler/toolchain/compile-bundle.ts";
import { messageOf } from "../../device/message-of.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-golden-"));
afterAll(() => rmSync(folder, { recursive: true }));
const golden = join(folder, "golden");

const layer = (changes: Partial<LayerSizes> = {}): LayerSizes => ({
  ...{ n: 1, ic: 4, oc: 4, ih: 5, iw: 5, kh: 3, kw: 3, pad: 1, groups: 1, stride: 1, dilation: 1 },
  ...{ bias: true, activation: "none", residual: false },
  ...changes,
});
type Case = Suite["cases"][number];
const one = (changes: Partial<LayerSizes> = {}): Case => ({ layer: layer(changes), name: "one" });

const { signal } = new AbortController();
const usual = { suite: "s", timeoutSeconds: 60, signal, note: () => {} };

async function run(
  cases: Suite["cases"],
  references: readonly ReferenceWish[] = ["kernels"],
  more: Partial<Suite> = {},
): Promise<CaseResult[]> {
  const suite: Suite = { threads: [1], inputs: ["ramp"], references: [...references], ...more, cases };
  return (await runSuite(await testCases({ name: "s", folder: process.cwd(), suite }), usual)).cases;
}

async function write(
  cases: Suite["cases"],
  keepOthers = false,
  inputs: Suite["inputs"] = ["ramp"],
): Promise<number> {
  const keeper = await keepGolden(golden);
  const suite: Suite = { threads: [1], inputs, cases };
  await runSuite(await testCases({ name: "s", folder: ".", suite }), { ...usual, golden: keeper });
  return keeper.finish(keepOthers);
}

const index = (): Golden => JSON.parse(readFileSync(join(golden, "golden.json"), "utf8"));
const told = async (
  cases: Suite["cases"],
  reference: ReferenceWish = { golden },
  more: Partial<Suite> = {},
): Promise<string> => (await run(cases, [reference], more))[0].error?.text ?? "no error";

describe("golden outputs", () => {
  beforeAll(async () => {
    expect(await write([one(), { layer: layer({ oc: 8 }), name: "two" }])).toBe(2);
  });

  test("are what a later run is compared with, on other boards, too", async () => {
    const found = await run([one()], [{ golden }], { boards: ["host", "qemu-rpi4"] });
    expect(found.map(({ verdict, checks }) => [verdict, checks.at(-1)?.reference])).toEqual([
      ["right", golden],
      ["right", golden],
    ]);
    const notes: string[] = [];
    const suite: Suite = { references: [{ golden }], cases: [one()] };
    const cases = await testCases({ name: "s", folder: ".", suite });
    const terminal = { note: (text: string) => notes.push(text) } as unknown as Parameters<
      typeof noteUnused
    >[1];
    await noteUnused(cases, terminal);
    expect(notes).toEqual([`warning: ${golden} holds outputs of what the suite has no case of: \`two\``]);
  });

  test("tell a result that changed", async () => {
    const text = readFileSync(join(golden, "golden.json"), "utf8");
    const at = index().entries.findIndex((entry) => entry.case === "one");
    const { file } = index().entries[at];
    const whole = readFileSync(join(golden, file));
    const arrays = readNpz(whole, file);
    const y = arrays.get("y");
    const data = Float32Array.from(y?.data ?? []);
    data[7] += 0.01;
    const bytes = writeNpz(new Map([["y", { shape: y?.shape ?? [], data }]]));
    writeFileSync(join(golden, file), bytes);
    expect(await told([one()])).toBe(
      [
        `error[R185]: the golden outputs in \`${golden}\` cannot be used`,
        `  why:   \`${file}\` is not the file that golden.json names`,
        "  help:  `tilewright test SUITE --write-golden FOLDER` writes the outputs of what is right now",
      ].join("\n"),
    );
    writeFileSync(join(golden, "golden.json"), text.replace(sha256(whole), sha256(bytes)));
    const [{ verdict, checks }] = await run([one()], [{ golden }]);
    expect([verdict, checks[0].failure?.badCount, checks[0].failure?.first.at]).toEqual([
      "wrong",
      1,
      [0, 0, 1, 2],
    ]);
    writeFileSync(join(golden, file), whole);
    writeFileSync(join(golden, "golden.json"), text);
  });

  const HELP =
    "\n  help:  `tilewright test SUITE --write-golden FOLDER` writes the outputs of what is right now";

  test("R186, R187: of another case, other inputs or another network are never taken", async () => {
    expect(await told([{ ...one(), name: "ones" }])).toBe(
      `error[R186]: \`${golden}\` holds no outputs of \`ones\`\n  why:   it holds outputs of 2 cases; did you mean \`one\`?${HELP}`,
    );
    expect(await told([one()], { golden }, { inputs: ["ones"] })).toBe(
      `error[R186]: \`${golden}\` holds no outputs of \`one\` for the inputs \`ones\`\n  why:   it holds those for ramp${HELP}`,
    );
    const changed = `error[R187]: the outputs of \`one\` in \`${golden}\` are of another network\n  why:   its file, the way it is read, or the layer's sizes or seed changed since they were written${HELP}`;
    expect(await told([one({ activation: "relu" })])).toBe(changed);
    // other weights, the same shapes and inputs
    expect(await told([one()], { golden }, { seed: 2 })).toBe(changed);
  });

  test("R185: that are not there are told as such", async () => {
    const nowhere = join(folder, "nowhere");
    expect(await told([one()], { golden: nowhere })).toBe(
      `error[R185]: the golden outputs in \`${nowhere}\` cannot be used\n  why:   it is not there${HELP}`,
    );
  });

  test("of the cases that are run again are replaced, and files that nothing names are gone", async () => {
    const before = readdirSync(golden);
    expect(await write([one({ activation: "relu" })], true, ["ramp", "ones"])).toBe(2);
    expect(index().entries.map((entry) => [entry.case, entry.inputs])).toEqual([
      ["two", "ramp"],
      ["one", "ramp"],
      ["one", "ones"],
    ]);
    expect(readdirSync(golden).length).toBe(4);
    expect(before.length).toBe(3);
    expect(await write([one()])).toBe(1);
    expect(readdirSync(golden).length).toBe(2);
  });

  test("are not written over what is something else", async () => {
    const other = join(folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "golden.json"), "{}");
    expect(await messageOf(keepGolden(other))).toContain(
      `error[R185]: the golden outputs in \`${other}\` cannot be used\n  why:   golden.json: format: `,
    );
  });
});

describe("another program as the reference", () => {
  const bundle = join(folder, "bundle");
  const metadata = join(bundle, "metadata.json");
  beforeAll(async () => {
    const { graph, sha256: modelSha256 } = await networkOf({ kind: "layer", layer: layer() }, 1);
    const { files } = await compileNetwork(graph, loadTarget("host"), { meta: { modelSha256 } });
    await writeBundle(files, bundle);
  });

  test("R188: a bundle of the same network, or none", async () => {
    const title = `error[R188]: \`${bundle}\` is no reference for this case`;
    expect(await told([one()], { bundle })).toBe(
      `${title}\n  why:   it holds no built program (build/conv3x3_4_4_5x5)\n  help:  build it with its Makefile`,
    );
    await buildBundle(bundle, loadTarget("host"));
    const [{ verdict, checks }] = await run([one()], [{ bundle }]);
    expect([verdict, checks.length]).toEqual(["right", 1]);
    expect(checks[0].reference).toMatch(/bundle \(0\.\d+\.\d+, build [0-9a-f]{16}\)$/);
    expect(await told([one({ bias: false })], { bundle })).toBe(
      `${title}\n  why:   it was compiled from another model\n  help:  compile both from one model`,
    );
    const said = JSON.parse(readFileSync(metadata, "utf8"));
    writeFileSync(metadata, JSON.stringify({ ...said, target: "rpi4" }));
    expect(await told([one()], { bundle })).toBe(
      `${title}\n  why:   it was compiled for rpi4, and the case for host\n  help:  give another board, or --target rpi4`,
    );
    writeFileSync(metadata, JSON.stringify({ ...said, inputs: [{ ...said.inputs[0], name: "z" }] }));
    expect(await told([one()], { bundle })).toBe(
      `${title}\n  why:   its inputs are z [1, 4, 5, 5] of f32, the case's x [1, 4, 5, 5] of f32`,
    );
  });

  test("R189: another version compiles the same, of a layer, too", async () => {
    const [{ verdict, checks }] = await run([one()], [{ tilewright: PACKAGE_ROOT }]);
    expect([verdict, checks[0].reference.replace(/.* \(/, "(")]).toEqual([
      "right",
      expect.stringMatching(/^\(0\.\d+\.\d+, build [0-9a-f]{16}\)$/),
    ]);
    expect(await told([one()], { tilewright: folder })).toBe(
      [
        `error[R189]: the Tilewright in \`${folder}\` compiles no reference`,
        `  why:   there is no ${join(folder, "dist/cli/main.js")}`,
        "  help:  `make build` in a checkout makes it",
      ].join("\n"),
    );
    mkdirSync(join(folder, "dist/cli"), { recursive: true });
    writeFileSync(join(folder, "dist/cli/main.js"), 'console.error("error[F1]: no"); process.exit(3);\n');
    expect(await told([one()], { tilewright: folder })).toBe(
      `error[R189]: the Tilewright in \`${folder}\` compiles no reference\n  why:   error[F1]: no\n         it ended with exit code 3`,
    );
  });
});

test("a suite of one model may name all of them", async () => {
  const references: ReferenceWish[] = [{ golden: "g" }, { bundle: "b" }, { tilewright: "t" }];
  const [only] = await testCases(suiteOf("m.onnx", { references }, { inputShapes: [] }));
  expect(only.references).toEqual([
    { golden: join(process.cwd(), "g") },
    { bundle: join(process.cwd(), "b") },
    { tilewright: join(process.cwd(), "t") },
  ]);
});
