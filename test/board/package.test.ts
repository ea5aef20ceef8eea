import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-package-"));
const modules = join(folder, "node_modules");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An empty folder with the packed package installed, as npm would, its dependencies next to it. */
beforeAll(() => {
  const built = join(folder, "source");
  // A copy is packed, built from what is here now: the checkout's own dist may be older.
  execFileSync("cp", [
    "-r",
    ...["compiler", "templates", "targets", "runtime-c"].map((f) => join(PACKAGE_ROOT, f)),
    mk(built),
  ]);
  for (const file of ["package.json", "tsconfig.json", "LICENSE"]) {
    execFileSync("cp", [join(PACKAGE_ROOT, file), built]);
  }
  symlinkSync(join(PACKAGE_ROOT, "node_modules"), join(built, "node_modules"));
  execFileSync(join(PACKAGE_ROOT, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"], { cwd: built });
  execFileSync("npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder], {
    cwd: built,
  });
  rmSync(built, { recursive: true });
  const [tarball = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "type": "module" }');
  const installed = mk(join(modules, "tilewright"));
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", installed, "--strip-components=1"]);
  for (const name of [...productionModules(), "@types"]) {
    symlinkSync(join(PACKAGE_ROOT, "node_modules", name), mk(join(modules, name), ".."));
  }
});

/** Makes the folder `path`, or the one that lies `...up` of it; gives `path`. */
function mk(path: string, ...up: string[]): string {
  mkdirSync(join(path, ...up), { recursive: true });
  return path;
}

/** What `npm install tilewright` brings along: nothing that only its own tests need. */
function productionModules(): string[] {
  const lock = JSON.parse(readFileSync(join(PACKAGE_ROOT, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
  };
  return Object.entries(lock.packages)
    .filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true)
    .map(([path]) => path.replace("node_modules/", ""))
    .filter((name) => name !== "" && !name.includes("node_modules/"))
    .filter((name) => existsSync(join(PACKAGE_ROOT, "node_modules", name)));
}

describe("the packed package, in an empty folder", () => {
  const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const cli = join(modules, "tilewright/dist/cli/main.js");

  it("has a command line that compiles and runs a network", () => {
    expect(node(cli, "--version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const model = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
    expect(node(cli, "zoo", "list").stdout).toContain("resnext50");
    const compiled = node(cli, "compile", model, "--target", "host", "-o", "out");
    expect(compiled.status, compiled.stderr).toBe(0);
    expect(existsSync(join(folder, "out/include/digits.h"))).toBe(true);
    const ended = node(cli, "verify", model, "--board", "host");
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stdout).toContain("right: digits on host");
  });

  it("is a library with a public API", () => {
    writeFileSync(
      join(folder, "use.mjs"),
      'import { listTargets, loadModel, renderDiagnostic } from "tilewright";\n' +
        'const graph = await loadModel("zoo:wrn-40-2-g4");\n' +
        "console.log(graph.name, listTargets().includes('rpi4'));\n" +
        'await loadModel("none.onnx").catch((e) => console.log(renderDiagnostic(e.diagnostic).split("\\n")[0]));\n',
    );
    const ended = node("use.mjs");
    expect(ended.stderr).toBe("");
    expect(ended.stdout).toBe("wrn-40-2-g4 true\nerror[F201]: there is no model file `none.onnx`\n");
  });

  it("has the kernel language on its own path", () => {
    writeFileSync(
      join(folder, "kernel.mjs"),
      'import { range } from "tilewright/kernel";\nconsole.log(range(3).join());\n',
    );
    expect(node("kernel.mjs")).toMatchObject({ stdout: "0,1,2\n", stderr: "" });
  });

  it("carries its types", () => {
    writeFileSync(
      join(folder, "use.ts"),
      'import { compileNetwork, type Graph, loadModel, loadTarget, runNetwork } from "tilewright";\nimport type { Input } from "tilewright/kernel";\nexport const x: Input<["n"]> = new Float32Array(1);\nexport const graph: Graph = await loadModel("x");\nexport const { kernels } = await compileNetwork(graph, loadTarget("rpi4"), { meta: { modelSha256: "0" } });\nvoid runNetwork;\n',
    );
    const options = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--types",
      "node",
      "--skipLibCheck",
    ];
    const { status, stdout } = spawnSync(
      join(PACKAGE_ROOT, "node_modules/.bin/tsc"),
      [...options, "use.ts"],
      { cwd: folder, encoding: "utf8" },
    );
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });
});
