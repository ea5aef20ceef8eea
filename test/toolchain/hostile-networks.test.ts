import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { emitBundle } from "../../compiler/driver/bundle/emit-bundle.ts";
import { nameBundle } from "../../compiler/driver/bundle/emit-bundle-names.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { hostTarget, tinyInput, tinyKernels, tinyPlan, tinyReference } from "./tiny-network.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const golden = { inputs: [tinyInput], outputs: [tinyReference(tinyInput)[2]], tolerances: [1e-5] };

/** A bundle of the tiny network under a name, in a folder of its own. */
async function write(name: string, at: string): Promise<string> {
  const plan = { ...tinyPlan, name };
  const files = emitBundle(plan, tinyKernels, hostTarget, { modelSha256: "00", golden });
  await writeBundle(files, join(folder, at));
  return nameBundle(plan).net;
}

/** What is tried is how files and targets are found, which optimised code does not change. */
const QUICK = "TARGET_CFLAGS=-std=c11 -O0 -march=native";

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", cwd: folder });
  expect(stderr, `${program} ${args.join(" ")}`).toBe("");
  expect(status, `${program} ${args.join(" ")}: ${stdout}`).toBe(0);
  return stdout;
}

describe("a network may have the name of what make and CMake make, or know", () => {
  test.each(["src", "runtime", "$(shell id)", "a\n\tid"])("make builds and checks %j", async (name) => {
    const at = `make_${inHex(name)}`;
    const net = await write(name, at);
    run("make", ["-C", at, QUICK, "check"]);
    expect(existsSync(join(folder, at, "build", net))).toBe(true);
  });

  test.each(["CMakeFiles"])("CMake builds %j", async (name) => {
    const at = `cmake_${inHex(name)}`;
    const net = await write(name, at);
    run("cmake", ["-S", at, "-B", `${at}/build`]);
    run("cmake", ["--build", `${at}/build`]);
    expect(existsSync(join(folder, at, "build", net))).toBe(true);
  });

  test.each(["test", "Makefile", "src", "CMakeFiles", "CMakeCache", "all"])("%j is no target", (name) => {
    expect(nameBundle({ ...tinyPlan, name }).net).toBe(`net_${name}`);
  });
});

/** A folder for a name, as the folder is not what is tried here. */
function inHex(name: string): string {
  return Buffer.from(name).toString("hex");
}
