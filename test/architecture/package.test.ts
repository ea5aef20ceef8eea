import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { importsOf, loadSources } from "./sources.ts";

interface Package {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const json = (file: string): unknown => JSON.parse(readFileSync(join(PACKAGE_ROOT, file), "utf8"));

describe("package-lock.json", () => {
  const { packages } = json("package-lock.json") as { readonly packages: Readonly<Record<string, Package>> };
  const entries = Object.entries(packages).filter(([path]) => path !== "");

  it("has every package of every platform: `npm ci` refuses a lock file with holes", () => {
    const paths = Object.keys(packages);
    const holes = Object.entries(packages).flatMap(([path, p]) =>
      Object.keys({ ...p.dependencies, ...p.optionalDependencies })
        .filter((name) => !paths.some((other) => other.endsWith(`node_modules/${name}`)))
        .map((name) => `${path || "package.json"} wants ${name}`),
    );
    expect(holes).toEqual([]);
  });

  it("names contents, not where they were downloaded from", () => {
    expect(entries.filter(([, p]) => p.resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(entries.filter(([, p]) => p.integrity === undefined && !p.link).map(([path]) => path)).toEqual([]);
  });
});

describe("the npm package", () => {
  const packed = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"], {
      cwd: PACKAGE_ROOT,
      encoding: "utf8",
    }),
  ) as readonly { readonly files: readonly { readonly path: string }[] }[];
  const files = (packed[0]?.files ?? []).map(({ path }) => path);

  it("holds what the compiler reads while it runs", () => {
    for (const folder of [
      "templates/",
      "targets/",
      "targets/isa/",
      "targets/cores/",
      "targets/schema/",
      "runtime-c/",
    ]) {
      expect(
        files.some((path) => path.startsWith(folder)),
        folder,
      ).toBe(true);
    }
    expect(files).toContain("compiler/ops/conv2d/conv2d.kernel.ts");
  });

  it("holds neither tests nor what is built from models", () => {
    expect(files.filter((path) => /^(test|build|node_modules|\.tilewright)\//.test(path))).toEqual([]);
  });

  it("depends on exactly the packages that are imported", () => {
    const { dependencies } = json("package.json") as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const imported = loadSources()
      .flatMap(importsOf)
      .filter(({ own, to, typeOnly }) => !own && !typeOnly && !to.startsWith("node:"))
      .map(({ to }) => to);
    expect(Object.keys(dependencies).sort()).toEqual([...new Set(imported)].sort());
  });

  it("tells what it is", () => {
    const manifest = json("package.json") as Readonly<Record<string, unknown>>;
    for (const field of [
      "name",
      "version",
      "description",
      "keywords",
      "license",
      "bin",
      "exports",
      "engines",
    ]) {
      expect(manifest, field).toHaveProperty(field);
    }
    expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE", "ARCHITECTURE.md"]));
  });

  it("has the files that package.json points to, once built", () => {
    const { bin, exports } = json("package.json") as {
      readonly bin: Readonly<Record<string, string>>;
      readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    };
    const targets = [
      ...Object.values(bin),
      ...Object.values(exports).flatMap((e) => (typeof e === "string" ? e : Object.values(e))),
    ];
    const source = (path: string): string =>
      path.replace(/^(\.\/)?dist\//, "compiler/").replace(/(\.d)?\.(ts|js)$/, ".ts");
    expect(targets.filter((path) => !existsSync(join(PACKAGE_ROOT, source(path))))).toEqual([]);
  });
});
