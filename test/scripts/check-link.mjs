// What a link to a board costs and stands, on this machine's loopback board:
//
//   node test/scripts/check-link.mjs overhead [RUNS]      milliseconds of a run beyond its program, connection kept
//   node test/scripts/check-link.mjs slow                 20 kB/s, a round trip of 200 ms: a program of 1 MB arrives and runs
//   node test/scripts/check-link.mjs pause [SECONDS]      a pause of 25 s while a program runs
//   node test/scripts/check-link.mjs interrupts [TIMES]   ctrl-C at 100 random moments: within 1 s, and nothing left on the board
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBoard } from "../../dist/device/open-board.js";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startSlowLink } from "../support/slow-link.mjs";

const [what = "overhead", count] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "check-link-"));
const board = await startLoopbackBoard();
const program = join(folder, "program.sh");

/** @param {string} text @param {number} [bytes] */
function writeProgram(text, bytes = 0) {
  writeFileSync(program, `#!/bin/sh\n${text}\nexit\n`, { mode: 0o700 });
  // Random text: what lies on the way may compress.
  if (bytes > 0)
    writeFileSync(program, execFileSync("head", ["-c", String(bytes), "/dev/urandom"]), { flag: "a" });
}

/** The board's configuration, with another port. @param {number} port */
function configFor(port) {
  const file = join(folder, `config-${port}`);
  const known = join(folder, `known-${port}`);
  writeFileSync(known, `[127.0.0.1]:${port} ${board.hostKey}\n`);
  const text = readFileSync(board.sshConfigPath, "utf8")
    .replace(/Port \d+/, `Port ${port}`)
    .replace(board.knownHosts, known);
  writeFileSync(file, text);
  return file;
}

/** @param {string} sshConfig */
async function open(sshConfig) {
  const notice = (/** @type {string} */ text) => console.log(`  ${text}`);
  const { runner } = await openBoard(board.destination, { sshConfig, notice });
  return runner;
}

const job = { program, args: [], files: [], fetch: [], timeoutSeconds: 600 };
/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function overhead() {
  writeProgram("cat in.bin >out.bin");
  for (const [name, sshConfig] of [
    ["ssh2", board.sshConfigPath],
    ["the program ssh", withLines("MACs umac-128@openssh.com")],
  ]) {
    const runner = await open(String(sshConfig));
    const files = [{ name: "in.bin", data: new Uint8Array(150528 * 4) }];
    await runner.run({ ...job, files, fetch: [{ name: "out.bin", bytes: 150528 * 4 }] });
    const times = { "a run alone": [], "with an input of 600 kB and a result": [] };
    for (let i = 0; i < Number(count ?? 30); i++) {
      for (const [kind, list] of Object.entries(times)) {
        const began = performance.now();
        await runner.run(
          kind === "a run alone" ? job : { ...job, files, fetch: [{ name: "out.bin", bytes: 150528 * 4 }] },
        );
        /** @type {number[]} */ (list).push(performance.now() - began);
      }
    }
    await runner.close();
    for (const [kind, list] of Object.entries(times)) {
      console.log(
        `${name}, ${kind}: ${median(list).toFixed(1)} ms (${Math.min(...list).toFixed(1)} to ${Math.max(...list).toFixed(1)})`,
      );
    }
  }
  const here = Array.from({ length: 20 }, () => {
    const began = performance.now();
    execFileSync("true");
    return performance.now() - began;
  });
  console.log(`to start a process here: ${median(here).toFixed(1)} ms`);
}

/** @param {string} line */
function withLines(line) {
  const file = join(folder, "config-more");
  writeFileSync(file, `${line}\n${readFileSync(board.sshConfigPath, "utf8")}`);
  return file;
}

async function slow() {
  writeProgram("echo arrived", 1e6);
  const link = await startSlowLink(board.port, { bytesPerSecond: 20_000, delayMs: 100 });
  const began = performance.now();
  const runner = await open(configFor(link.port));
  console.log(`connected after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  const { stdout } = await runner.run(job);
  console.log(`1 MB: ${stdout.trim()} after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await runner.close();
  link.stop();
}

async function pause() {
  writeProgram("sleep 3; echo survived");
  const link = await startSlowLink(board.port);
  const runner = await open(configFor(link.port));
  const running = runner.run(job);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const began = performance.now();
  await link.pause(Number(count ?? 25) * 1000);
  const { stdout } = await running;
  console.log(`${stdout.trim()} a pause of ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await runner.close();
  link.stop();
}

/** Names on the board that a run, its upload or its lock leave. */
function leftovers() {
  const cache = join(board.home, ".cache/tilewright");
  const names = (/** @type {string} */ path) => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  };
  return [
    ...names(cache).filter((name) => name !== "runs" && !/^[0-9a-f]{64}$/.test(name)),
    ...names(join(cache, "runs")),
  ];
}

/** What processes of a group are still there. @param {number} group */
function processesOf(group) {
  const found = spawnSync("ps", ["-o", "args=", "-g", String(group)], { encoding: "utf8" });
  return found.stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "" && !line.includes("<defunct>"));
}

/** What is still there two seconds later: of the board's files, and of the processes here. @param {number} group */
async function stays(group) {
  const left = () => [...leftovers(), ...processesOf(group)];
  for (let look = 0; look < 40 && left().length > 0; look++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return left();
}

/** One ctrl-C so many milliseconds after the start: how long the end took; undefined where it had ended by itself. */
async function interruptAt(/** @type {readonly string[]} */ words, /** @type {number} */ moment) {
  // A group of its own: the terminal's signal goes to all of it.
  const child = spawn("node", words, { stdio: "ignore", detached: true });
  const ended = new Promise((resolve) => child.on("close", resolve));
  await new Promise((resolve) => setTimeout(resolve, moment));
  if (child.exitCode !== null) return undefined;
  const group = Number(child.pid);
  const pressed = performance.now();
  process.kill(-group, "SIGINT");
  const code = await ended;
  const took = performance.now() - pressed;
  return { took, code, left: await stays(group) };
}

async function interrupts() {
  const args = ["dist/cli/main.js", "bench", "test/fixtures/digits/digits.onnx", "--target", "rpi4"];
  const words = [
    ...args,
    "--board",
    board.destination,
    "--ssh-config",
    board.sshConfigPath,
    "--budget",
    "3s",
  ];
  execFileSync("node", words, { stdio: "ignore" });
  const whole = performance.now();
  execFileSync("node", words, { stdio: "ignore" });
  const length = performance.now() - whole;
  /** @type {number[]} */
  const times = [];
  const wanted = Number(count ?? 100);
  let [late, dirty, odd] = [0, 0, 0];
  while (times.length < wanted) {
    // Every other time the board has no copy of anything yet.
    if (times.length % 2 === 0) rmSync(join(board.home, ".cache"), { recursive: true, force: true });
    const moment = Math.random() * length;
    const found = await interruptAt(words, moment);
    if (found === undefined) continue;
    const { took, code, left } = found;
    times.push(took);
    const when = `${moment.toFixed(0)} of ${length.toFixed(0)} ms`;
    if (took > 1000) {
      late++;
      console.log(`at ${when}: ended ${took.toFixed(0)} ms later`);
    }
    // One that was told before it listens dies of the signal itself; one that had just written its last word has succeeded.
    if (code !== 130 && code !== null && code !== 0) {
      odd++;
      console.log(`at ${when}: ended with ${code}`);
    }
    if (left.length > 0) {
      dirty++;
      console.log(`at ${when}: left ${left.join(", ")}`);
    }
  }
  console.log(
    `${times.length} moments: the median took ${median(times).toFixed(0)} ms, the longest ${Math.max(...times).toFixed(0)}; ${late} took more than a second, ${odd} ended with another status, after ${dirty} something was left`,
  );
  if (late + dirty + odd > 0) process.exitCode = 1;
}

const checks = { overhead, slow, pause, interrupts };
const check = checks[/** @type {keyof typeof checks} */ (what)];
if (check === undefined) {
  console.error(`one of: ${Object.keys(checks).join(", ")}`);
  process.exitCode = 1;
} else await check();
board.stop();
rmSync(folder, { recursive: true, force: true });
