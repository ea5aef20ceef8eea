import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadTarget } from "../../compiler/machine/load.ts";
import { assemblyOf } from "../../compiler/toolchain/assembly.ts";
import { findToolchain, type Toolchain } from "../../compiler/toolchain/toolchain.ts";

const root = mkdtempSync(join(tmpdir(), "tw-assembly-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const cache = join(root, "cache");
const headers = (): string[] => readdirSync(join(cache, "headers"));
const C = "#include <math.h>\nfloat larger(float a, float b) { return fmaxf(sqrtf(a), b); }\n";

let gcc: Toolchain;
let plain = "";
const assembly = (flags: readonly string[], cacheDir = cache, c = C, includes = ["#include <math.h>"]) =>
  assemblyOf({ c, name: "larger", toolchain: gcc, flags, includes, cacheDir });
beforeAll(async () => {
  gcc = await findToolchain(loadTarget("host"));
  plain = await assembly(["-O2"], cache, C, []);
});

test("large headers are read once for each set of flags, and the assembly is the same", async () => {
  expect(await assembly(["-O2"])).toBe(plain);
  expect(headers()).toHaveLength(2);
  const compiled = join(cache, "headers", headers().find((name) => name.endsWith(".gch")) ?? "");
  const { ino } = statSync(compiled);
  expect(await assembly(["-O2"])).toBe(plain);
  expect(statSync(compiled).ino).toBe(ino);

  expect(await assembly(["-O1"])).not.toBe(plain);
  expect(await assembly(["-O1"])).toBe(await assembly(["-O1"], cache, C, []));
  expect(headers()).toHaveLength(4);
});

test("damaged headers do no harm and are made anew", async () => {
  const compiled = headers().filter((name) => name.endsWith(".gch"));
  for (const name of compiled) truncateSync(join(cache, "headers", name), 1000);
  expect(await assembly(["-O2"])).toBe(plain);
  const sizes = compiled.map((name) => statSync(join(cache, "headers", name)).size);
  expect(sizes.filter((size) => size > 1000)).toHaveLength(1);
});

test("what is wrong with the C is told with and without them", async () => {
  for (const includes of [[], ["#include <math.h>"]]) {
    await expect(assembly(["-O2"], cache, "int x = ;\n", includes)).rejects.toThrow(/refused larger.c/);
  }
});

test("without a place to keep them, or when they cannot be read, there are none", async () => {
  const file = join(root, "a-file");
  writeFileSync(file, "");
  expect(await assembly(["-O2"], file)).toBe(plain);
  const other = join(root, "other");
  expect(await assembly(["-O2"], other, C, ["#include <no/such.h>"])).toBe(plain);
  expect(readdirSync(join(other, "headers"))).toEqual([]);
});
