import { describe, expect, test } from "vitest";
import type { BundleFiles } from "../../compiler/driver/bundle/emit-bundle.ts";
import { type FileContents, wholeFile } from "../../compiler/driver/bundle/large-file.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
// @ts-expect-error a script without types
import { bundleKernels } from "../scripts/replay/bundle-kernels.mjs";
// @ts-expect-error a script without types
import { differences } from "../scripts/replay/differences.mjs";

type Files = Map<string, FileContents>;

const { files, kernels } = await compileNetwork(
  await loadModel("test/fixtures/digits/digits.onnx"),
  loadTarget("rpi4"),
  { meta: { modelSha256: "0".repeat(64) } },
);
const conv = kernels.find(({ name }) => name.startsWith("conv2d"))?.name ?? "";
const program = "digits";

function replayed(change: (files: Files) => void): unknown {
  const other = new Map(files);
  change(other);
  const record = (of: BundleFiles): unknown[] => [
    { model: "digits", target: "rpi4", ...bundleKernels(of, () => {}) },
  ];
  const { kernels: found, files: beside } = differences(record(files), record(other));
  return { kernels: found.map(({ what }: { what: string[] }) => what), beside: [...beside.keys()] };
}

const edited =
  (path: string, edit: (text: string) => string) =>
  (of: Files): void => {
    const text = of.get(path) as string;
    expect(edit(text)).not.toBe(text);
    of.set(path, edit(text));
  };

describe("a replay tells what differs of a kernel", () => {
  test.each([
    ["nothing", () => {}, { kernels: [], beside: [] }],
    [
      "its comment only",
      edited(`src/kernels/${conv}.c`, (c) => c.replace("/*", "/* so to speak")),
      { kernels: [], beside: [] },
    ],
    ["its C", edited(`src/kernels/${conv}.c`, (c) => c.replace("4", "8")), { kernels: [["C"]], beside: [] }],
    [
      "its flags",
      edited("metadata.json", (json) => {
        const metadata = JSON.parse(json);
        metadata.sources.find(({ file }: { file: string }) => file.includes(conv)).cflags = ["-O1"];
        return JSON.stringify(metadata);
      }),
      { kernels: [["flags"]], beside: [] },
    ],
    [
      "its packed weights",
      (of: Files) => {
        const blob = Uint8Array.from(wholeFile(of.get(`weights/${program}.bin`) ?? ""));
        blob[0] ^= 1;
        of.set(`weights/${program}.bin`, blob);
      },
      { kernels: [["packed weights"]], beside: [] },
    ],
    [
      "its place in the arena",
      edited(`src/${program}.c`, (c) => c.replace(/tw_arena_at\(frame, 0\)/, "tw_arena_at(frame, 64)")),
      { kernels: [["place in the arena"]], beside: [] },
    ],
    [
      "other files",
      edited("Makefile", (text) => text.replace("AR ?= ar", "AR ?= llvm-ar")),
      { kernels: [], beside: ["Makefile"] },
    ],
  ] as const)("%s", (_, change, expected) => {
    expect(replayed(change)).toEqual(expected);
  });
});
