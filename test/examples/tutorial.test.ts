import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { randomData, runInNode } from "../../compiler/driver/kernel/kernel-reference.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { pack, unpack } from "../../compiler/ir/storage.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { type Counted, compileConv, tutorialText } from "./tutorial.ts";

const counted = JSON.parse(readFileSync(join(PACKAGE_ROOT, "test/examples/counted.json"), "utf8")) as Counted;

test("the tutorial shows what the compiler does", async () => {
  await expect(await tutorialText(counted)).toMatchFileSnapshot("TUTORIAL.md");
});

test("its last step computes what the kernel computes", async () => {
  const user = await compileConv("step8");
  const data = randomData(user, 1);
  const wanted = runInNode(user, data).get("y") ?? new Float32Array();
  const memory = Object.fromEntries(
    user.kernel.params.map((p) => [p.name, pack(p.storage, data.get(p.name) ?? new Float32Array())]),
  );
  interpretVector(user.vector, memory);
  const y = user.kernel.params.find((p) => p.name === "y");
  const found = y === undefined ? new Float32Array() : unpack(y.storage, memory.y);
  found.forEach((value, i) => {
    if (Math.abs(value - wanted[i]) > 1e-3) expect(value, `element ${i}`).toBeCloseTo(wanted[i], 3);
  });
});
