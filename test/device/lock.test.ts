import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { boardScript } from "../../compiler/device/board-script.ts";
import { until } from "../support/until.ts";

/** The machine's lock as the board's shell takes it. */
const folder = mkdtempSync(join(tmpdir(), "lock-"));
const locks = join(folder, "lock");
const environment = { ...process.env, TILEWRIGHT_LOCK: locks };
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => rmSync(locks, { recursive: true, force: true }));

const FUNCTIONS = boardScript("lock");
/** As the first version had it that locks machines: who has that may be at a board beside who has this one. */
const FIRST = readFileSync(new URL("locks/first.sh", import.meta.url), "utf8");
const taking = (functions: string): string => `${functions}
enter_lock_folder || exit 2
me=$(identity $$ "$1")
while :; do
  read_lock
  held && { sleep 0.01; continue; }
  next_lock "$me" && break
done
`;
const TAKE = taking(FUNCTIONS);

function shell(script: string, ...words: readonly string[]): string {
  const { stdout, stderr } = spawnSync("sh", ["-c", script, "tilewright", ...words], { env: environment });
  return `${stdout}${stderr}`.trim();
}
function start(script: string, ...words: readonly string[]): ChildProcess {
  return spawn("sh", ["-c", script, "tilewright", ...words], { env: environment, stdio: "ignore" });
}
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.on("close", resolve));
const isThere = (name: string): boolean => existsSync(locks) && readdirSync(locks).includes(name);

test("is held by one at a time, whoever is quick, and whichever version they have", async () => {
  const alone = join(folder, "alone");
  const log = join(folder, "log");
  // mkdir fails where somebody else is inside
  const once = (take: string): string =>
    `${take}mkdir '${alone}' || echo together >>'${log}'\nsleep 0.02\nrmdir '${alone}'\necho done >>'${log}'\n`;
  const callers = Array.from({ length: 6 }, (_, i) =>
    ended(
      start(`for i in 1 2 3; do sh -c "$1" tilewright ${i}; done`, once(i % 2 === 0 ? TAKE : taking(FIRST))),
    ),
  );
  await Promise.all(callers);
  expect(readFileSync(log, "utf8").trim().split("\n")).toEqual(Array(18).fill("done"));
  expect(readdirSync(locks).length).toBeLessThanOrEqual(4);
}, 20_000);

test.each([
  ["this version by the first", FUNCTIONS, FIRST],
  ["the first version by this one", FIRST, FUNCTIONS],
])("of %s is seen, and its program's, too", async (_, holding, looking) => {
  const ask = `${looking}enter_lock_folder; read_lock; held && describe_holder || echo free`;
  const program = start("exec sleep 60");
  const holder = start(
    `${taking(holding)}ln -s "$(identity ${program.pid} me)" "lock.$mine.program"; sleep 60`,
    "eve",
  );
  await until(() => isThere("lock.1.program"));
  expect(shell(ask)).toMatch(/^\d+ eve$/);
  holder.kill("SIGKILL");
  await ended(holder);
  expect(shell(ask)).toMatch(/^\d+ eve$/);
  program.kill("SIGKILL");
  await ended(program);
  expect(shell(ask)).toBe("free");
});

test("of a process that was killed holds nobody up", async () => {
  const holder = start(`${TAKE}sleep 60`, "eve");
  await until(() => isThere("lock.1"));
  expect(shell(`${FUNCTIONS}enter_lock_folder; read_lock; held && describe_holder`)).toMatch(/^\d+ eve$/);
  holder.kill("SIGKILL");
  await ended(holder);
  expect(shell(`${TAKE}echo "$mine"`, "me")).toBe("2");
});

test("is held on by a program whose script was killed", async () => {
  const program = start("exec sleep 60");
  shell(`${TAKE}ln -s "$(identity ${program.pid} me)" lock.1.program`, "me");
  const ask = `${FUNCTIONS}enter_lock_folder; read_lock; held && echo held || echo free`;
  expect(shell(ask)).toBe("held");
  program.kill("SIGKILL");
  await ended(program);
  expect(shell(ask)).toBe("free");
});

test("of a process that has ended counts as free, though nobody has asked how it ended", async () => {
  const parent = spawn("sh", ["-c", "sleep 1 & echo $!; exec sleep 60"], { env: environment });
  const [said] = (await once(parent.stdout, "data")) as [Buffer];
  const stat = (): string => readFileSync(`/proc/${said.toString().trim()}/stat`, "utf8");
  await until(() => stat().includes(") Z "));
  shell(`${TAKE}ln -sf "$(identity ${said.toString().trim()} me)" lock.1`, "me");
  expect(shell(`${FUNCTIONS}enter_lock_folder; read_lock; held && echo held || echo free`)).toBe("free");
  parent.kill("SIGKILL");
});

test.each([
  ["of another boot", `${process.pid}:1:another-boot:1:eve`],
  ["of a process that began at another time", `1:999999999:BOOT:1:eve`],
  ["of no process", "0:0:BOOT:1:eve"],
  ["of nonsense", "\u001b[2J"],
])("%s counts as free", (_name, target) => {
  mkdirSync(locks);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  symlinkSync(target.replace("BOOT", boot), join(locks, "lock.7"));
  expect(shell(`${TAKE}echo "$mine"`, "me")).toBe("8");
});

test("is never made where a link leads to another place", () => {
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere, { recursive: true });
  symlinkSync(elsewhere, locks);
  expect(shell(`${FUNCTIONS}enter_lock_folder && echo entered || echo refused`)).toBe("refused");
  expect(readdirSync(elsewhere)).toEqual([]);
});

const isRoot = process.getuid?.() === 0;
test.runIf(isRoot)("of one account is seen and waited for by another, which cannot signal it", async () => {
  const holder = start(`${TAKE}sleep 60`, "root");
  await until(() => isThere("lock.1"));
  spawnSync("chmod", ["755", folder]);
  const ask = `${FUNCTIONS}enter_lock_folder; read_lock; held && describe_holder || echo free`;
  const asOther = (script: string): string =>
    spawnSync(
      "setpriv",
      ["--reuid", "61234", "--regid", "61234", "--clear-groups", "sh", "-c", script, "x", "other"],
      {
        env: environment,
      },
    )
      .stdout.toString()
      .trim();
  expect(asOther(ask)).toMatch(/^\d+ root$/);
  holder.kill("SIGKILL");
  await ended(holder);
  expect(asOther(`${TAKE}echo "$mine"`)).toBe("2");
});
