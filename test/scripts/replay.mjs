// Whether the compiler still makes what it made at an earlier commit:
//
//   node test/scripts/replay.mjs BASE [--only TEXT] [--json FILE]
//
// Both versions compile the zoo, fixtures, layers and random networks for five targets; each kernel whose C, flags, packed
// weights or place in the arena differs is listed, with the command that shows the first. Exits with 1 if any does.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { hashed } from "./replay/bundle-kernels.mjs";
import { writeCases } from "./replay/cases.mjs";
import { differences } from "./replay/differences.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "" }, json: { type: "string" } },
});
const SHOWN = 40;
const FOLDER = resolve(".tilewright/replay");
const TEXTS = join(FOLDER, "c");

const commit = resolveCommit(positionals[0]);
mkdirSync(TEXTS, { recursive: true });
const { models, targets } = await writeCases(join(FOLDER, "models"));
const jobs = models
  .flatMap((model) => targets.map((target) => ({ model, target })))
  .filter(({ model, target }) => `${model} ${target}`.includes(values.only));
if (jobs.length === 0) fail(`no case is named like \`${values.only}\``);
const began = Date.now();
const before = await recordOf(commit);
const after = await record(".", "this tree");
report(differences(before, after));

function resolveCommit(base) {
  if (base === undefined || base === "") fail("BASE is missing: make replay BASE=<commit>");
  const { status, stdout } = git("rev-parse", "--verify", "--quiet", `${base}^{commit}`);
  if (status !== 0) fail(`no commit is named \`${base}\``);
  return stdout.trim();
}

/** An earlier version's record is kept, as long as its cases are the same. */
async function recordOf(sha) {
  const cases = hashed(jobs.map(({ model, target }) => [model, target].map(content).join(" ")).join("\n"));
  const kept = join(FOLDER, `${sha.slice(0, 12)}-${cases}.json`);
  if (!existsSync(kept)) {
    const root = join(FOLDER, "before");
    checkOut(sha, root);
    writeFileSync(`${kept}.new`, JSON.stringify(await record(root, sha.slice(0, 12))));
    renameSync(`${kept}.new`, kept);
    rmSync(root, { recursive: true, force: true });
  }
  return JSON.parse(readFileSync(kept, "utf8"));
}

function content(name) {
  return existsSync(name) ? hashed(readFileSync(name)) : name;
}

/** That commit's files, built with its own packages. */
function checkOut(sha, root) {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const archive = join(FOLDER, "before.tar");
  must("git", ["archive", "--output", archive, sha]);
  must("tar", ["-xf", archive, "-C", root]);
  rmSync(archive);
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  if (lock === readFileSync("package-lock.json", "utf8")) {
    symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  } else {
    must("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], root);
  }
  must(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"], root);
}

/** All cases by one version, in as many processes as there are cores. */
async function record(root, title) {
  process.stderr.write(`${title}: ${jobs.length} cases `);
  const processes = Math.min(availableParallelism(), models.length);
  const shares = Array.from({ length: processes }, (_, i) =>
    jobs.filter(({ model }) => models.indexOf(model) % processes === i),
  );
  const records = await Promise.all(shares.map((share, i) => recordShare(root, share, i)));
  process.stderr.write("\n");
  const order = new Map(jobs.map(({ model, target }, i) => [`${model} ${target}`, i]));
  const place = ({ model, target }) => order.get(`${model} ${target}`);
  return records.flat().sort((a, b) => place(a) - place(b));
}

async function recordShare(root, share, i) {
  const [list, result] = ["jobs", "result"].map((name) => join(FOLDER, `${name}-${i}.json`));
  writeFileSync(list, JSON.stringify(share));
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "replay/record.mjs"), root, list, result, TEXTS],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  child.stdout.pipe(process.stderr, { end: false });
  const status = await new Promise((done) => child.on("close", done));
  if (status !== 0) fail(`${root} cannot compile the cases`);
  return JSON.parse(readFileSync(result, "utf8"));
}

function report({ kernels, files }) {
  const total = after.reduce((sum, { layers }) => sum + layers.length, 0);
  for (const { where, what } of kernels.slice(0, SHOWN)) console.log(`${where}: ${what.join(", ")}`);
  if (kernels.length > SHOWN) console.log(`... and ${kernels.length - SHOWN} more`);
  const first = kernels.find(({ before, after }) => before !== undefined && before.c !== after.c);
  const text = (hash) => join(".tilewright/replay/c", `${hash}.c`);
  if (first !== undefined) console.log(`the first: diff ${text(first.before.c)} ${text(first.after.c)}`);
  for (const [path, count] of files)
    console.log(`beside the kernels: ${path} in ${count} of ${after.length} bundles`);
  const seconds = Math.round((Date.now() - began) / 1000);
  const since = commit.slice(0, 12);
  console.log(
    `${after.length} cases, ${total} kernels, ${kernels.length} differ from ${since} (${seconds} s)`,
  );
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ commit, total, kernels }, null, 1)}\n`);
  process.exitCode = kernels.length > 0 ? 1 : 0;
}

function git(...args) {
  return spawnSync("git", args, { encoding: "utf8" });
}

function must(command, args, cwd = ".") {
  const { status } = spawnSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) fail(`${command} ${args.join(" ")} failed`);
}

function fail(why) {
  console.error(`replay: ${why}`);
  process.exit(2);
}
