import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countInstructions } from "../../compiler/device/icount.ts";
import { emitBundle } from "../../compiler/driver/bundle/emit-bundle.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { buildBundle } from "../../compiler/toolchain/compile-bundle.ts";
import { buildCountingPlugin } from "../../compiler/toolchain/qemu-plugin.ts";
import { messageOf } from "../support/message.ts";
import { armTarget, tinyInput, tinyKernels, tinyPlan, tinyReference } from "../toolchain/tiny-network.ts";
import { checkTrace, floats, maxError } from "../toolchain/trace.ts";

const reference = tinyReference(tinyInput);
const golden = { inputs: [tinyInput], outputs: [reference[2]], tolerances: [1e-5] };
let folder = "";
let program = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tw-qemu-"));
  await writeBundle(
    emitBundle(tinyPlan, tinyKernels, armTarget, { modelSha256: "0", golden }),
    join(folder, "b"),
  );
  ({ program } = await buildBundle(join(folder, "b"), armTarget, { cacheDir: join(folder, "cache") }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a cross-compiled bundle runs under emulation", () => {
  const args = ["run", "--inputs", "golden/input_input_1.bin", "--outputs", "o.bin", "--trace", "t.bin"];
  const result = spawnSync("qemu-aarch64", ["-cpu", "cortex-a72", program, ...args, "--threads", "2"], {
    cwd: join(folder, "b"),
    encoding: "utf8",
  });
  expect(result).toMatchObject({ status: 0, stderr: "" });
  expect(maxError(floats(join(folder, "b/o.bin")), reference[2])).toBeLessThan(1e-5);
  checkTrace(join(folder, "b/t.bin"), reference);
});

test("its makefile works with the cross compiler", () => {
  const args = ["-C", join(folder, "b"), "CC=aarch64-linux-gnu-gcc", "LDFLAGS=-static", "BUILD=by-make"];
  const made = spawnSync("make", args, { encoding: "utf8" });
  expect(made).toMatchObject({ status: 0, stderr: "" });
  const info = spawnSync("qemu-aarch64", [join(folder, "b/by-make/tiny_net"), "info"], { encoding: "utf8" });
  expect(JSON.parse(info.stdout)).toMatchObject({ name: "tiny-net" });
});

test("instructions are counted exactly", async () => {
  const plugin = await buildCountingPlugin("qemu-aarch64", join(folder, "cache"));
  const count = (layer: string, repeats: number) =>
    countInstructions({
      plugin,
      emulator: "qemu-aarch64",
      cpu: "cortex-a72",
      program,
      args: ["bench", "--layer", layer, "--repeats", String(repeats)],
      timeoutSeconds: 60,
    });
  const once = await count("0", 1);
  const twice = await count("0", 2);
  const thrice = await count("0", 3);
  expect(await count("0", 2)).toBe(twice);
  expect(thrice - twice).toBe(twice - once);
  expect(twice - once).toBeGreaterThan(40);
  expect(twice - once).toBeLessThan(400);
});

test("D151 counting without a counter", async () => {
  const run = { emulator: "qemu-aarch64", cpu: "cortex-a72", program, args: ["info"], timeoutSeconds: 60 };
  const job = { ...run, plugin: "/nowhere.so" };
  const message = await messageOf(() => countInstructions(job));
  // What qemu itself says in between differs from version to version.
  expect(message.replace(/why: .*(\n {9}.*)*/, "why:   QEMU")).toBe(
    `error[D151]: instructions cannot be counted: qemu-aarch64 ended with exit code 1
  why:   QEMU
  help:  counting needs qemu-user with plugins (Debian: qemu-user, not qemu-user-static)`,
  );
});
