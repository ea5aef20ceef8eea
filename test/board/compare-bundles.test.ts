import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { tilewright } from "../cli/command-line.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MODEL = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
const folder = temporaryFolder("bundles");
const [fast, strict] = ["fast", "strict"].map((name) => join(folder, name));

beforeAll(async () => {
  for (const [path, numerics] of [
    [fast, "fast"],
    [strict, "strict"],
  ]) {
    const made = await tilewright(
      ...["compile", MODEL, "--target", "rpi4", "--numerics", numerics, "-o", path],
    );
    expect(made.code, made.note).toBe(0);
  }
}, 300_000);

describe("two bundles on an emulated board", () => {
  const compare = (...words: readonly string[]) =>
    tilewright("compare", ...words, "--board", "qemu-rpi4", "--gate");

  it("are compared by what its core's model says, once", async () => {
    const { code, out, note } = await compare(fast, strict);
    expect(note).toContain("error[R165]: NOW is worse than BASE");
    expect(code).toBe(13);
    // Winograd in groups of 8, and plain sums
    expect(out).toMatch(/digits +\/group8\/group8\.0\/Conv +instructions .* more\n/);
    expect(out).toContain("; 16 of 17 layers have the same kernel");
    expect(out).toMatch(/gate failed: \d+ alarms; \d+ figures and 0 results judged/);
  });

  it("are the same as themselves", async () => {
    const { code, out } = await compare(fast, fast);
    expect(out).toMatch(/(\d+) figures compared: 0 better, 0 worse, \1 the same; 17 of 17 layers/);
    expect(code).toBe(0);
  });

  it("R169: of which one was not built", async () => {
    const other = join(strict, "build");
    rmSync(other, { recursive: true });
    const { note } = await compare(fast, strict);
    expect(note).toContain(`error[R169]: \`${strict}\` cannot be compared`);
  });
});
