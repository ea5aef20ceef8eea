import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { tilewright } from "../cli/command-line.ts";
import { isRunning } from "../support/is-running.ts";
import { jsonLines } from "../support/json-lines.ts";
import { startRedis, type TestServer } from "../support/queue-servers.ts";
import { until } from "../support/until.ts";

const DIGITS = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
const folder = mkdtempSync(join(tmpdir(), "tilewright-queue-"));
const PASSWORD = "swordfish";
let server: TestServer;
let url = "";
const started: ChildProcess[] = [];
beforeAll(async () => {
  server = await startRedis("--requirepass", PASSWORD);
  url = server.url;
});
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A command line in a process of its own, and all that it has said. */
function start(...words: readonly string[]) {
  const child = spawn("node", ["dist/cli/main.js", ...words], {
    cwd: PACKAGE_ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += String(text)));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, ended, said: () => said };
}

const isBusy = async (): Promise<boolean> => {
  const { out } = await tilewright("boards", "--queue", url, "--json");
  return (JSON.parse(out) as { readonly busy: number }[]).some(({ busy }) => busy > 0);
};

test("options that are the workers', several boards, tables", async () => {
  const tune = async (...words: readonly string[]) =>
    (await tilewright("tune", ...words, "--queue", url)).note;
  expect(await tune(DIGITS, "--target", "rpi3", "--cool-down", "55C")).toContain(
    "--cool-down is the worker's, where a queue is asked",
  );
  expect(await tune(DIGITS, "--board", "a", "--board", "b")).toContain(
    "it has to be one name: `worker --pool` gives it to several boards",
  );
  expect(await tune("--board", "table:x.json")).toContain("--queue is for boards: of a table nothing runs");
  const { note } = await tilewright("worker", "--queue", url);
  expect(note).toContain("error[C203]: `tilewright worker` needs --board or --target");
  const pooled = await tilewright("worker", "--queue", url, "--target", "rpi3", "--pool", "farm");
  expect(pooled.note).toContain("error[C205]: `--pool` cannot be `farm`");
});

test("a worker that is killed loses its job to another, and one that is interrupted ends at once", async () => {
  const lend = ["worker", "--queue", url, "--target", "rpi3", "--jobs", "1", "--lease", "2s"];
  const log = join(folder, "tune.jsonl");
  const killed = start(...lend);
  await until(() => killed.said().includes("serving the model of cortex-a53"));
  const layer = ["--layer", "/group4/group4.0/Conv", "--budget", "3", "--log", log];
  const tune = start("tune", DIGITS, "--queue", url, "--target", "rpi3", ...layer);
  await until(isBusy);
  const [desk] = execFileSync("ps", ["-o", "pid=", "--ppid", String(killed.child.pid)], { encoding: "utf8" })
    .trim()
    .split("\n");
  killed.child.kill("SIGKILL");
  const other = start(...lend);
  expect(await tune.ended).toBe(0);
  const lines = jsonLines<{ kind: string; outcome: string; kernel: string }>(readFileSync(log, "utf8"));
  const trials = lines.filter(({ kind }) => kind === "trial");
  expect(trials).toHaveLength(3);
  for (const { outcome } of trials) expect(outcome).toBe("ok");
  expect(tune.said()).toContain("cortex-a53, modelled: ");
  // the process that worked for it ended with it
  expect(desk).toMatch(/^\s*\d+$/);
  await until(() => !isRunning(`${desk?.trim()}`));
  const began = performance.now();
  other.child.kill("SIGINT");
  expect(await other.ended).toBe(130);
  expect(performance.now() - began).toBeLessThan(3000);
  for (const { said } of [killed, tune, other]) expect(said()).not.toContain(PASSWORD);
});
