import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { printable } from "../../compiler/cli/terminal.ts";
import { parseFacts } from "../../compiler/device/board-facts.ts";
import { parseBoardState } from "../../compiler/device/board-state.ts";
import { detectTarget } from "../../compiler/device/detect-target.ts";
import { judgeBoard } from "../../compiler/device/doctor.ts";
import { parseEnergy } from "../../compiler/device/energy.ts";
import { openBoard } from "../../compiler/device/open-board.ts";
import { cleanBoard } from "../../compiler/device/ssh/clean.ts";
import { visitBoard } from "../../compiler/device/ssh/visit.ts";
import { programLines } from "../../compiler/driver/run/program-lines.ts";
import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { end, startFaultyBoard } from "./faulty-board.ts";
import { makeRng } from "./random-words.ts";

/** How many boards are played; `TILEWRIGHT_HOSTILE=2000` plays them all. */
const CASES = Number(process.env.TILEWRIGHT_HOSTILE ?? 120);
const UNSEEN = /[^\P{C}\n\t]|[\u2028\u2029]/u;

test("whatever a board says is a fact, a failure with a code, or nothing", () => {
  for (let seed = 1; seed <= CASES; seed++) {
    const random = makeRng(seed);
    const text = random.lines();
    const state = parseBoardState(text);
    const facts = parseFacts(text);
    const found = [detectTarget(facts), judgeBoard(facts, state, undefined)];
    const energy = parseEnergy(text);
    const known = JSON.stringify([state, facts, energy]);
    expect(known.length, `seed ${seed}`).toBeLessThan(1e6);
    expect(printable(JSON.stringify([known, found])), `seed ${seed}`).not.toMatch(UNSEEN);
    try {
      programLines({ stdout: text, stderr: text, exitCode: random.int(3), files: new Map() }, "pi");
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(UserError);
      if (error instanceof UserError)
        expect(printable(renderDiagnostic(error.diagnostic)), `seed ${seed}`).not.toMatch(UNSEEN);
    }
  }
});

test("runs on a board that lies end with a result or a failure with a code, within its folder and memory", async () => {
  const program = join(tmpdir(), `hostile-${process.pid}`);
  writeFileSync(program, "program");
  let seed = 0;
  const board = await startFaultyBoard({
    onExec: (command, channel, on) => {
      const random = makeRng(1_000_000 + seed);
      const run = /'(\S+\/runs\/[^']+)'/.exec(command)?.[1];
      const mark = /'(tilewright [0-9a-f]{32})'/.exec(command)?.[1];
      if (random.int(4) > 0) on.files.set(`${run}/outcome`, Buffer.from(random.outcome()));
      if (random.int(4) > 0)
        on.files.set(`${run}/files/out.bin`, Buffer.alloc(random.int(3) === 0 ? 64 : random.int(100_000)));
      end(channel, random.int(256), `${random.lines()}${mark}\n${random.lines()}`, random.lines());
    },
  });
  const said: string[] = [];
  const before = process.memoryUsage().rss;
  const { runner } = await openBoard("faulty", {
    sshConfig: board.sshConfigPath,
    notice: (text) => said.push(text),
  });
  try {
    for (seed = 1; seed <= CASES / 4; seed++) {
      const job = {
        program,
        args: [],
        files: [],
        fetch: [{ name: "out.bin", bytes: 64 }],
        timeoutSeconds: 5,
      };
      const ended = await runner.run(job).catch((error: unknown) => error);
      if (ended instanceof UserError) said.push(renderDiagnostic(ended.diagnostic));
      else expect(ended, `seed ${seed}`).toMatchObject({ exitCode: expect.any(Number) });
    }
  } finally {
    await runner.close();
    board.stop();
  }
  for (const text of said) expect(printable(text)).not.toMatch(UNSEEN);
  const outside = [...board.files.keys()].filter(
    (path) => !/^\/home\/pi\/\.cache\/tilewright\/[\w./-]+$/.test(path) || path.includes(".."),
  );
  expect(outside).toEqual([]);
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
}, 600_000);

test("nothing that a board says is carried out by a shell, its own or this machine's", async () => {
  const folder = temporaryFolder("hostile");
  // A shell that has nothing but what would leave a trace.
  const shell = join(folder, "shell");
  mkdirSync(join(shell, "bin"), { recursive: true });
  symlinkSync("/usr/bin/touch", join(shell, "bin/touch"));
  const program = join(folder, "program");
  writeFileSync(program, "program");
  const commands = new Set<string>();
  let random = makeRng(1);
  const board = await startFaultyBoard({
    hears: (command) => commands.add(command),
    says: () => random.kept(),
    onExec: (_, channel) => end(channel, random.int(256), random.lines(), random.lines()),
  });
  const options = { configFile: board.sshConfigPath };
  const job = { program, args: [], files: [], fetch: [], timeoutSeconds: 5 };
  const told: string[] = [];
  for (let seed = 1; seed <= CASES / 30; seed++) {
    random = makeRng(2_000_000 + seed);
    await visitBoard("faulty", options).catch((error: unknown) => told.push(String(error)));
    await cleanBoard("faulty", { ...options, dryRun: false }).catch((error: unknown) =>
      told.push(String(error)),
    );
    const opening = openBoard("faulty", { sshConfig: board.sshConfigPath });
    await opening
      .then(async ({ runner }) => {
        await runner.run(job).finally(() => runner.close());
      })
      .catch((error: unknown) => told.push(String(error)));
  }
  board.stop();
  const all = [...commands, ...told].join("\n");
  expect(all).toContain("touch pwned");
  for (const command of commands) {
    spawnSync("/bin/sh", ["-c", command], { cwd: shell, env: { PATH: join(shell, "bin") }, stdio: "ignore" });
    expect(readdirSync(shell), command).toEqual(["bin"]);
  }
  expect(existsSync("pwned")).toBe(false);
}, 600_000);
