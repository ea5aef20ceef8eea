import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

const TSC = join(PACKAGE_ROOT, "node_modules/.bin/tsc");
let folder = "";

/** What an editor says of a kernel file in a project that has Tilewright installed; empty when all is well. */
function typesOf(text: string): string {
  writeFileSync(join(folder, "my.kernel.ts"), text);
  const { stdout } = spawnSync(TSC, ["-p", folder, "--pretty", "false"], { encoding: "utf8" });
  return stdout.replaceAll(`${folder}/`, "").trim();
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tilewright-editor-"));
  // the package as it is installed, but for what is not needed to read types
  const installed = join(folder, "node_modules", "tilewright");
  mkdirSync(installed, { recursive: true });
  const build = join(folder, "build.json");
  const options = { rootDir: join(PACKAGE_ROOT, "compiler"), outDir: join(installed, "dist") };
  const files = [join(PACKAGE_ROOT, "compiler/language/kernel.ts")];
  const typeRoots = [join(PACKAGE_ROOT, "node_modules/@types")];
  const compilerOptions = { ...options, typeRoots };
  writeFileSync(
    build,
    JSON.stringify({ extends: join(PACKAGE_ROOT, "tsconfig.json"), compilerOptions, files, include: [] }),
  );
  execFileSync(TSC, ["-p", build]);
  writeFileSync(
    join(installed, "package.json"),
    JSON.stringify({
      name: "tilewright",
      type: "module",
      exports: { "./kernel": "./dist/language/kernel.js" },
    }),
  );
  const strict = {
    strict: true,
    noEmit: true,
    target: "es2023",
    module: "nodenext",
    types: [],
    lib: ["es2023"],
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: strict, include: ["*.ts"] }),
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kernel = (
  body: string,
): string => `import { type Dims, type Input, type Output, range, sigmoid, type Table } from "tilewright/kernel";
const B = [[4, 0], [0, 1]] as const;
function scale(t: Table<[2, 2]>, from: Input<["W"]>, to: Output<["W"]>): void {
  for (const w of range(4)) to[w] = sigmoid(from[w]) * t[1][1];
}
export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  for (const n of range(N)) {
    ${body}
  }
}
`;

describe("a kernel in an editor", () => {
  test("has types", () => {
    expect(typesOf(kernel("scale(B, x[n], y[n]);"))).toBe("");
  });

  test("whose ranks are checked", () => {
    expect(typesOf(kernel("y[n] = 3;"))).toContain("my.kernel.ts(8,5): error TS2");
    expect(typesOf(kernel("scale(B, x, y);"))).toContain("my.kernel.ts(8,14): error TS2");
  });
});
