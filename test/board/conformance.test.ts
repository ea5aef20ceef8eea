import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LONG } from "../support/amount.ts";

/** Debian's libonnx-testdata; `make conformance` runs all of it on this machine. */
const INSTALLED = existsSync("/usr/share/libonnx-testdata/data");

interface Result {
  readonly name: string;
  readonly outcome: string;
}

function conformance(...options: readonly string[]): {
  readonly status: number | null;
  readonly results: readonly Result[];
} {
  const { status, stdout } = spawnSync(
    process.execPath,
    ["test/scripts/conformance.mjs", "--json", ...options],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    },
  );
  return { status, results: JSON.parse(stdout) };
}

describe.skipIf(!INSTALLED)("ONNX's own backend tests", () => {
  test("have the outcome expected, run as TypeScript", () => {
    const { status, results } = conformance("--reference", ...(LONG ? [] : ["--every", "3"]));
    expect(status).toBe(0);
    expect(results.filter(({ outcome }) => outcome === "wrong" || outcome === "crashed")).toEqual([]);
  });

  test.each(LONG ? ["host", "qemu-rpi4", "qemu-rpi2"] : ["qemu-rpi4", "qemu-rpi2"])(
    "a sample passes on %s",
    (board) => {
      const { status, results } = conformance("--board", board, "--every", LONG ? "2" : "24");
      expect(results.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
      expect(status).toBe(0);
    },
    600_000,
  );
});
