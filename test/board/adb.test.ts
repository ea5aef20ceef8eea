import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { tilewright } from "../cli/command-line.ts";
import { messageOf } from "../device/message-of.ts";
import { job } from "./board-program.ts";

/** An `adb` that knows one device, R58M: its commands run here, in a folder of their own, while the file `state` is there. */
const folder = mkdtempSync(join(tmpdir(), "adb-"));
const home = join(folder, "home");
const state = join(folder, "state");
const program = join(folder, "program.sh");
const ADB = `#!/bin/sh
[ "$2" = R58M ] || { echo "error: device '$2' not found" >&2; exit 1; }
case $3 in
get-state) cat '${state}' ;;
wait-for-disconnect) while [ -e '${state}' ]; do sleep 0.05; done ;;
shell) cd '${home}' && TILEWRIGHT_LOCK='${folder}/lock' exec sh -c "$5" ;;
esac
`;

beforeAll(() => {
  mkdirSync(home);
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/adb"), ADB, { mode: 0o700 });
  writeFileSync(state, "device\n");
  writeFileSync(program, '#!/bin/sh\ntr a-z A-Z <in.txt >out.txt\necho "ran $1"\nsleep "$1"\n', {
    mode: 0o700,
  });
  vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env.PATH}`);
  vi.stubEnv("TILEWRIGHT_CACHE", join(folder, "cache"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
const open = async () => (await openBoard("adb:R58M", { remoteDir: "kept" })).runner;
const work = (seconds: string) =>
  job(program, [seconds], {
    files: [{ name: "in.txt", data: Buffer.from("abc") }],
    fetch: [{ name: "out.txt", bytes: 3 }],
  });

test("a program runs on an Android board, with its files, and leaves nothing but copies", async () => {
  const runner = await open();
  const { stdout, files } = await runner.run(work("0"));
  await runner.close();
  expect([stdout, Buffer.from(files.get("out.txt") ?? []).toString()]).toEqual(["ran 0\n", "ABC"]);
  expect(readdirSync(join(home, "kept/runs"))).toEqual([]);
  const listed = await tilewright("boards", "list", "adb:R58M", "--json");
  expect(JSON.parse(listed.out)).toMatchObject([{ board: "adb:R58M", reachable: true, lock: null }]);
});

test("that is not there, or asks for leave, is told so", async () => {
  expect(await messageOf(openBoard("adb:other"))).toBe(
    [
      "error[D116]: the program `adb` does not reach `adb:other`",
      "  why:   error: device 'other' not found",
      "  help:  see whether `adb devices` lists other as a device; one that is unauthorized asks on its screen",
    ].join("\n"),
  );
  writeFileSync(state, "unauthorized\n");
  expect(await messageOf(open())).toContain("  why:   unauthorized\n");
  writeFileSync(state, "device\n");
});

test("that is pulled out while a program runs is lost", async () => {
  const runner = await open();
  const running = messageOf(runner.run(work("20")));
  await new Promise((resolve) => setTimeout(resolve, 800));
  rmSync(state);
  expect(await running).toContain(
    "error[D133]: the connection to `adb:R58M` was lost\n  why:   adb says that it has been disconnected",
  );
  await runner.close();
});
