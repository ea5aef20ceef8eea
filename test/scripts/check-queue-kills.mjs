// Tunes a small layer over a queue while its server, its workers and the tune itself are killed at random moments and started again:
// nothing may be measured twice, and the log has to end as that of a tune without a queue that nobody disturbed.
//
//   node test/scripts/check-queue-kills.mjs [KILLS] [--seed N] [--server redis|postgres]
//
// Exit code 1 where a log differs.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { makeRng } from "../../dist/support/rng.js";
import { difference, foundIn, linesOf } from "./tune-logs.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, server: { type: "string", default: "redis" } },
});
const KILLS = Number(positionals[0] ?? 20);
const WORKERS = 2;
/** What the tune says when the queue, or all workers, are away for too long. */
const AWAY = 7;
const folder = mkdtempSync(join(tmpdir(), "check-queue-kills-"));
const env = { ...process.env, XDG_CACHE_HOME: join(folder, "cache") };
const rng = makeRng(Number(values.seed));
const port = await freePort();
const target = ["--target", "rpi4"];
const main = "dist/cli/main.js";
const layer = ["test/fixtures/digits/digits.onnx", ...target, "--layer", "/depthwise/depthwise.0/Conv"];
const server = { redis: redisServer, postgres: postgresServer }[values.server]();
const queue = ["--queue", server.address];

const programs = {
  server: server.start,
  worker: () =>
    spawn(process.execPath, [main, "worker", ...queue, ...target, "--jobs", "1", "--lease", "2s"], {
      ...{ env, stdio: "ignore" },
    }),
};

function redisServer() {
  const words = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--dir", folder];
  return {
    address: `redis://127.0.0.1:${port}`,
    start: () => spawn("redis-server", words, { stdio: "ignore" }),
  };
}

/** A server that does not run as root, in a folder of its own. */
function postgresServer() {
  const debian = "/usr/lib/postgresql";
  const [version] = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
  const nobody = 65534;
  const owner = process.getuid() === 0 ? { uid: nobody, gid: nobody } : {};
  const home = mkdtempSync(join(tmpdir(), "check-queue-kills-postgres-"));
  if (owner.uid !== undefined) chownSync(home, nobody, nobody);
  const options = { ...owner, cwd: home, stdio: "ignore" };
  const words = ["-D", join(home, "data")];
  const made = ["-U", "tunes", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"];
  execFileSync(join(debian, version, "bin/initdb"), [...words, ...made], options);
  const alone = ["-h", "127.0.0.1", "-p", String(port), "-c", "unix_socket_directories="];
  process.on("exit", () => rmSync(home, { recursive: true, force: true }));
  return {
    address: `postgres://tunes@127.0.0.1:${port}/postgres`,
    start: () => spawn(join(debian, version, "bin/postgres"), [...words, ...alone], options),
  };
}

/** A program that is started again whenever it ends. */
function keptUp(start) {
  let child = start();
  let isOver = false;
  const again = async () => {
    if (isOver) return;
    await sleep(100);
    child = start();
    child.once("close", again);
  };
  child.once("close", again);
  const kill = () => child.kill("SIGKILL");
  return {
    kill,
    stop: () => {
      isOver = true;
      kill();
    },
  };
}

/** Runs a tune; whether it came to its end. `killing` is given what kills it. */
function tune(log, words, killing = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, "tune", ...layer, ...words, "--log", log], {
      ...{ env, stdio: ["ignore", "ignore", "pipe"] },
    });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    killing(() => child.kill("SIGKILL"));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(true);
      else if (signal === "SIGKILL" || code === AWAY) resolve(false);
      else reject(new Error(said));
    });
  });
}

async function freePort() {
  const listening = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  const { port: free } = listening.address();
  await new Promise((resolve) => listening.close(resolve));
  return free;
}

const up = [];
try {
  const whole = join(folder, "whole.jsonl");
  await tune(whole, ["--jobs", "1"]);
  const expected = foundIn(linesOf(whole));
  up.push(keptUp(programs.server));
  await sleep(500);
  for (let i = 0; i < WORKERS; i++) up.push(keptUp(programs.worker));
  const began = performance.now();
  const sum = { kills: 0, tunes: 0, wrong: 0 };
  let killTune = () => {};
  let isOver = false;
  const disturb = async () => {
    while (!isOver && sum.kills < KILLS) {
      await sleep(500 + 4000 * rng.next());
      const killed = [...up.map(({ kill }) => kill), killTune];
      killed[Math.floor(rng.next() * killed.length)]();
      sum.kills++;
    }
  };
  const disturbed = disturb();
  while (sum.kills < KILLS) {
    const log = join(folder, `killed-${++sum.tunes}.jsonl`);
    const killing = (kill) => {
      killTune = kill;
    };
    while (!(await tune(log, queue, killing))) await sleep(200);
    const odd = difference(log, expected);
    if (odd !== undefined) {
      sum.wrong++;
      console.log(`tune ${sum.tunes}: ${odd}`);
    }
  }
  isOver = true;
  await disturbed;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `${sum.kills} kills of a ${values.server} server, ${WORKERS} workers and ${sum.tunes} tunes in ${seconds} s: ${sum.wrong} logs differ from that of a tune without a queue, of ${expected.size} lines`,
  );
  process.exitCode = sum.wrong === 0 ? 0 : 1;
} finally {
  for (const { stop } of up) stop();
  await sleep(200);
  rmSync(folder, { recursive: true, force: true });
}
