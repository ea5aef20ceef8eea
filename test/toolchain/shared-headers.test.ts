import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { buildBundle } from "../../compiler/toolchain/compile-bundle.ts";
import { runCompiler } from "../../compiler/toolchain/run-compiler.ts";
import { sharedHeaders } from "../../compiler/toolchain/shared-headers.ts";
import { findToolchain, type Toolchain } from "../../compiler/toolchain/toolchain.ts";
import { graphBuilder } from "../graph/graph-builder.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-headers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bundle = join(folder, "bundle");
const target = loadTarget("rpi3");
beforeAll(async () => {
  // Kernels of several intents: each set of flags has headers of its own.
  const g = graphBuilder();
  let x = g.input([1, 8, 8, 8]);
  for (const oc of [8, 16, 12]) x = g.conv(g.conv(x, { oc, kernel: 1 }), { oc, pads: [1, 1, 1, 1] });
  const { files } = await compileNetwork(g.finish([x]), target, {
    meta: { modelSha256: "0".repeat(64) },
  });
  await writeBundle(files, bundle);
});

async function built(cache: string, change: Partial<Toolchain> = {}): Promise<Buffer> {
  const toolchain = { ...(await findToolchain(target)), ...change };
  const { program } = await buildBundle(bundle, target, { cacheDir: join(folder, cache), toolchain });
  return readFileSync(program);
}
const headersIn = (cache: string): string[] =>
  readdirSync(join(folder, cache, "headers")).filter((name) => name.endsWith(".gch"));

test("a program is the same with headers that were compiled before, and damaged ones are passed over", async () => {
  const plain = await built("plain", { family: "other" });
  expect(existsSync(join(folder, "plain/headers"))).toBe(false);
  expect((await built("shared")).equals(plain)).toBe(true);
  expect(headersIn("shared").length).toBeGreaterThan(0);
  for (const name of headersIn("shared")) truncateSync(join(folder, "shared/headers", name), 1000);
  for (const kind of ["objects", "programs"]) rmSync(join(folder, "shared", kind), { recursive: true });
  expect((await built("shared")).equals(plain)).toBe(true);
  // none of them costs the next file a second compiler
  const sizes = headersIn("shared").map((name) => statSync(join(folder, "shared/headers", name)).size);
  expect(sizes.every((size) => size > 1000)).toBe(true);
}, 240_000);

test("builds of few files have them compiled once there were enough of them", async () => {
  const cache = join(folder, "few");
  const toolchain = await findToolchain(target);
  writeFileSync(join(folder, "one.c"), "#include <arm_neon.h>\nint one;\n");
  const ahead = async (): Promise<number> =>
    (await sharedHeaders(folder, [{ file: "one.c", flags: ["-O1"] }], toolchain, cache)).size;
  expect([await ahead(), await ahead(), await ahead(), await ahead()]).toEqual([0, 0, 0, 0]);
  expect([await ahead(), await ahead()]).toEqual([1, 1]);
});

test("builds that want the same headers at once have them compiled by one", async () => {
  const cache = join(folder, "at-once");
  const toolchain = await findToolchain(target);
  const files = Array.from({ length: 5 }, (_, i) => `at-once${i}.c`);
  for (const file of files) writeFileSync(join(folder, file), "#include <arm_neon.h>\nint of;\n");
  const users = files.map((file) => ({ file, flags: ["-O1"] }));
  const found = await Promise.all(
    Array.from({ length: 4 }, () => sharedHeaders(folder, users, toolchain, cache)),
  );
  const [header] = found.flatMap((headers) => [...headers.values()]);
  expect(found.every((headers) => headers.size === files.length)).toBe(true);
  const said = await runCompiler(toolchain, [
    ...["-O1", "-Winvalid-pch", "-Werror", "-include", header],
    ...["-c", "-o", join(folder, "of.o"), join(folder, files[0])],
  ]);
  expect(said.stderr).toBe("");
  expect(readdirSync(join(cache, "headers")).filter((name) => name.includes(".tmp"))).toEqual([]);
});
