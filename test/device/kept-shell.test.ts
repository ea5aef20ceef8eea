import { expect, test } from "vitest";
import { exec } from "../../compiler/device/ssh/exec.ts";
import { localWay } from "./local-way.ts";
import { messageOf } from "./message-of.ts";

const limitBytes = 100_000;

test("small commands share a shell, and what each says and how it ends is its own", async () => {
  const { way, started, close } = localWay();
  const ask = (script: string) => exec(way, ["sh", "-c", script], { limitBytes, small: true });
  const results = await Promise.all([
    ask("printf 'no end of line'"),
    ask("echo two >&2; exit 3"),
    ask("cat; echo 'reads nothing'"),
    ask("exit 0"),
    ask("head -c 70000 /dev/zero"),
  ]);
  expect(results.map(({ status }) => status)).toEqual([0, 3, 0, 0, 0]);
  expect(results.map(({ stdout }) => stdout.toString("latin1"))).toEqual([
    ...["no end of line", "", "reads nothing\n", ""],
    "\0".repeat(70_000),
  ]);
  expect(results.map(({ stderr }) => stderr.toString())).toEqual(["", "two\n", "", "", ""]);
  expect(started()).toBe(1);
  close();
});

test("one that is given up takes the shell along, and the next one gets another", async () => {
  const { way, started, close } = localWay();
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const hanging = exec(way, ["sleep", "60"], { limitBytes, small: true, signal: controller.signal });
  expect(await messageOf(hanging)).toContain("error[D137]");
  const { stdout } = await exec(way, ["echo", "well"], { limitBytes, small: true });
  expect([stdout.toString(), started()]).toEqual(["well\n", 2]);
  // So it is when a shell has died in between.
  close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await exec(way, ["echo", "again"], { limitBytes, small: true })).stdout.toString()).toBe("again\n");
  expect(started()).toBe(3);
  close();
});
