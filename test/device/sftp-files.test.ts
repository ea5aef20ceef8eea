import type { SFTPWrapper } from "ssh2";
import { expect, test } from "vitest";
import { sftpFiles } from "../../compiler/device/ssh/files.ts";
import type { Connection } from "../../compiler/device/ssh/transport.ts";
import { messageOf } from "../support/message.ts";

const to = {
  at: { name: "pi@attic" },
  patienceSeconds: 5,
  lost: new Promise<never>(() => {}),
} as unknown as Connection;

/** Answers every question of a file's state so. */
const saying = (error: Error) =>
  ({ stat: (_: string, done: (error: Error) => void) => done(error) }) as unknown as SFTPWrapper;

test("D133 who serves the files may end before the connection does", async () => {
  const files = sftpFiles(to, saying(new Error("No response from server")));
  expect(await messageOf(() => files.size("/nowhere"))).toContain(
    "error[D133]: the connection to `pi@attic` was lost",
  );
});

test("what the board says of a file is no lost connection", async () => {
  const missing = Object.assign(new Error("No such file"), { code: 2 });
  expect(await sftpFiles(to, saying(missing)).size("/nowhere")).toBeUndefined();
  const closed = Object.assign(new Error("the drive is closed"), { code: 4 });
  await expect(sftpFiles(to, saying(closed)).size("/nowhere")).rejects.toBe(closed);
});
