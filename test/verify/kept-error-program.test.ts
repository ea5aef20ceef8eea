import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { keepEntry, readEntry } from "../../compiler/support/kept-entry.ts";
import type { WrittenErrorProgram } from "../../compiler/verify/error-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const cache = temporaryFolder("bounds");
afterEach(() => vi.unstubAllEnvs());

/** Bounds of a clamp, as a new process finds them. */
async function bounds(): Promise<Float32Array | undefined> {
  vi.stubEnv("TILEWRIGHT_CACHE", cache);
  vi.resetModules();
  const { keptErrorProgram } = await import("../../compiler/verify/kept-error-program.ts");
  const program = keptErrorProgram("clamp", { N: 1, C: 1, H: 1, W: 3, LO: 0, HI: Number.POSITIVE_INFINITY }, [
    "x",
  ]);
  const x = { data: Float32Array.of(-4, 1, 2), errors: Float32Array.of(1, 1, 0) };
  return program(new Map([["x", x]])).get("y");
}

test("a program of bounds is written once, used the next time, and written anew where it is damaged", async () => {
  const first = await bounds();
  expect(first?.length).toBe(3);
  expect(first?.[1]).toBeGreaterThanOrEqual(1);
  const [name] = readdirSync(join(cache, "bounds"), { recursive: true, withFileTypes: true }).flatMap(
    (entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []),
  );
  const whole = readFileSync(name);
  const written = JSON.parse(readEntry(name)?.toString() ?? "") as WrittenErrorProgram;
  keepEntry(name, Buffer.from(JSON.stringify({ ...written, text: "out[0].fill(7);" })));
  expect(await bounds()).toEqual(Float32Array.of(7, 7, 7));

  writeFileSync(name, whole.subarray(0, -1));
  expect(await bounds()).toEqual(first);
  expect(readFileSync(name).equals(whole)).toBe(true);
});
