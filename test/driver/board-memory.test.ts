import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { memoryLacks, memoryNeed, memoryShortage } from "../../compiler/driver/bundle/board-memory.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { tilewright } from "../cli/command-line.ts";
import { messageOf, model, node } from "../frontend/onnx-model.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GIB = 2 ** 30;
const plan = {
  name: "net",
  arenaBytes: 6 * GIB,
  inputs: [{ name: "x", shape: [1, 3, 2 ** 14, 2 ** 14] }],
  outputs: [{ name: "y", shape: [1, 1000] }],
};
const need = memoryNeed(
  plan,
  new Map<string, string | Uint8Array>([
    ["weights/net.bin", new Uint8Array(2 ** 20)],
    ["src/net.c", "int x;"],
  ]),
);
const FIGURES = "it takes 9.0 GiB (6.0 GiB arena, 1.0 MiB weights, 3.0 GiB inputs and outputs)";

test("is that of the largest board sold, or of this machine for what runs here", () => {
  expect(memoryShortage(need, loadTarget("rpi4"))).toBe(`${FIGURES}; a rpi4 has at most 8.0 GiB`);
  expect(memoryShortage(need, loadTarget("rpi5"))).toBe(undefined);
  for (const here of ["host", "qemu-rpi4"]) {
    expect(memoryShortage(need, loadTarget(here), 4 * GIB)).toBe(`${FIGURES}; this machine has 4.0 GiB`);
    expect(memoryShortage(need, loadTarget(here), 16 * GIB)).toBe(undefined);
  }
});

test("counts inputs and outputs as what they hold", () => {
  const image = { name: "x", shape: [1, 480, 640, 3], dtype: "u8" } as const;
  const places = { name: "y", shape: [1, 5], dtype: "i64" } as const;
  expect(memoryNeed({ ...plan, inputs: [image], outputs: [places] }, new Map()).ports).toBe(921_600 + 40);
});

test("F404 where it is to run", () => {
  expect(
    messageOf(() => {
      throw memoryLacks(need, FIGURES);
    }),
  ).toBe(`error[F404]: \`net\` does not fit into memory
  why:   ${FIGURES}
  help:  give a smaller shape with --input-shape, or take a smaller network
  help:  Winograd's algorithm makes weights larger: --max-weights SIZE takes it where it saves most`);
});

test("compile warns and goes on, run refuses", async () => {
  const [network, board, out] = ["net.onnx", "small.json", "out"].map((name) => join(folder, name));
  const shape = [1, 8, 512, 512];
  // a pool has its images in blocks: one copy of what is given, one of what is handed out
  const nodes = [node("MaxPool", ["x"], "y", { kernel_shape: [1, 1] })];
  writeFileSync(network, model({ inputs: { x: shape }, outputs: ["y"], nodes }));
  const rpi4 = JSON.parse(readFileSync(new URL("../../targets/rpi4.json", import.meta.url), "utf8"));
  writeFileSync(board, JSON.stringify({ ...rpi4, $schema: undefined, name: "small", ramMiB: 8 }));
  const { code, note } = await tilewright("compile", network, "--target", board, "-o", out);
  expect(note).toContain(
    `warning: \`${network}\` may not run: it takes 32.0 MiB (16.0 MiB arena, 0.0 MiB weights, 16.0 MiB inputs and outputs); a small has at most 8.0 MiB`,
  );
  expect(code).toBe(0);
}, 60_000);
