import { expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { messageOf } from "../device/message-of.ts";
import { job, useBoardProgram } from "./board-program.ts";

const program = useBoardProgram();

test("an emulated board runs programs here, and says that its times are emulated", async () => {
  const { runner, target } = await openBoard("qemu-rpi4");
  expect([runner.timing, target?.core.mcpu]).toEqual(["emulated", "cortex-a72"]);
  const data = Buffer.from("HAL");
  const result = await runner.run(
    job(program(), ["copy", "in", "out"], {
      files: [{ name: "in", data }],
      fetch: [{ name: "out", bytes: data.length }],
    }),
  );
  expect(Buffer.from(result.files.get("out") ?? []).toString()).toBe("IBM");
  expect((await runner.run(job(program(), ["exit", "42"]))).exitCode).toBe(42);
});

test("an emulated board has the instructions of its core and no others", async () => {
  const dotProduct = job(program(), ["dot-product"]);
  const older = await openBoard("qemu-rpi4");
  expect(await messageOf(older.runner.run(dotProduct))).toContain(
    "error[D131]: the program was killed on `qemu-rpi4` by SIGILL (illegal instruction)",
  );
  const newer = await openBoard("qemu-rpi5");
  expect((await newer.runner.run(dotProduct)).stdout).toBe("dot product\n");
});

test("an emulated board stops what takes too long", async () => {
  const { runner } = await openBoard("qemu-rpi4");
  expect(await messageOf(runner.run(job(program(), ["sleep", "60"], { timeoutSeconds: 0.5 })))).toContain(
    "error[D132]: the program did not end on `qemu-rpi4` within 0.5 s",
  );
});
