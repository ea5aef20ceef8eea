import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleSchema } from "../../compiler/artifact/bundle.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

/** A copy of the compiler in which one constant of lower/ was changed; its version and its commands are the same. */
const folder = mkdtempSync(join(tmpdir(), "tilewright-identity-"));
const changed = join(folder, "changed");
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  mkdirSync(changed);
  for (const part of ["dist", "compiler", "templates", "targets", "runtime-c", "package.json"])
    cpSync(join(PACKAGE_ROOT, part), join(changed, part), { recursive: true });
  symlinkSync(join(PACKAGE_ROOT, "node_modules"), join(changed, "node_modules"));
  const file = join(changed, "dist/lower/share-values.js");
  const text = readFileSync(file, "utf8");
  const other = text.replace("const PAIRING_DISTANCE = 24;", "const PAIRING_DISTANCE = 0;");
  expect(other).not.toBe(text);
  writeFileSync(file, other);
});

const MODEL = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");

async function compiled(root: string, name: string) {
  const out = join(folder, name);
  const words = ["compile", MODEL, "--target", "rpi4", "-o", out];
  await execa("node", [join(root, "dist/cli/main.js"), ...words]);
  const metadata = bundleSchema.parse(JSON.parse(readFileSync(join(out, "metadata.json"), "utf8")));
  const kernels = metadata.layers.map(({ kernel }) => ({
    kernel,
    c: readFileSync(join(out, "src/kernels", `${kernel}.c`), "utf8").replaceAll(kernel, "KERNEL"),
  }));
  return { build: metadata.build, kernels };
}

test("a kernel's name says what it is: other C, other name; the same C, the same name", async () => {
  const before = await compiled(PACKAGE_ROOT, "before");
  const after = await compiled(changed, "after");
  expect(after.build).toMatch(/^[0-9a-f]{16}$/);
  expect(after.build).not.toBe(before.build);
  const same = before.kernels.map(({ c }, i) => c === after.kernels[i]?.c);
  expect(new Set(same)).toEqual(new Set([true, false]));
  expect(before.kernels.map(({ kernel }, i) => kernel === after.kernels[i]?.kernel)).toEqual(same);
  expect((await compiled(PACKAGE_ROOT, "again")).build).toBe(before.build);
});

test("a sweep takes no figure that another build of the compiler made", async () => {
  const log = join(folder, "log.jsonl");
  const sweep = async (root: string): Promise<string> => {
    const words = ["sweep", MODEL, "--G", "4", "--board", "qemu-rpi4", "--log", log];
    return (await execa("node", [join(root, "dist/cli/main.js"), ...words])).stderr;
  };
  const counted = (): number =>
    readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.includes('"kind":"kernel"')).length;
  await sweep(PACKAGE_ROOT);
  const first = counted();
  expect(await sweep(PACKAGE_ROOT)).toContain(`from ${log}`);
  expect(counted()).toBe(first);
  expect(await sweep(changed)).not.toContain(`from ${log}`);
  expect(counted()).toBeGreaterThan(first);
});
