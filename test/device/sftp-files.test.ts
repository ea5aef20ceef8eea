import { randomBytes } from "node:crypto";
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

/** A file of a server that answers when it likes, and gives half of what is asked for. */
function slackServer(content: Buffer): { readonly sftp: SFTPWrapper; readonly written: () => Buffer } {
  let written = Buffer.alloc(0);
  let turn = 0;
  const soon = (answer: () => void): void => void setTimeout(answer, (turn++ * 7) % 5);
  const sftp = {
    lstat: (_: string, done: (error: undefined, stats: unknown) => void) =>
      done(undefined, { isFile: () => true, size: SIZE }),
    open: (_path: string, _flags: string, ...rest: unknown[]) =>
      (rest.at(-1) as (error: undefined, handle: Buffer) => void)(undefined, Buffer.from("handle")),
    read: (
      _: Buffer,
      into: Buffer,
      at: number,
      length: number,
      from: number,
      done: (error: undefined, read: number) => void,
    ) =>
      soon(() => {
        const part = content.subarray(from, from + Math.ceil(length / 2));
        part.copy(into, at);
        done(undefined, part.length);
      }),
    write: (_: Buffer, data: Buffer, from: number, length: number, at: number, done: () => void) =>
      soon(() => {
        const after = Buffer.alloc(Math.max(written.length, at + length));
        written.copy(after);
        data.copy(after, at, from, from + length);
        written = after;
        done();
      }),
    close: (_: Buffer, done: () => void) => done(),
  };
  return { sftp: sftp as unknown as SFTPWrapper, written: () => written };
}
const SIZE = 200_001;

test("a file goes there and back in pieces that may be answered in any order, and in parts", async () => {
  const content = randomBytes(SIZE);
  const { sftp, written } = slackServer(content);
  const files = sftpFiles(to, sftp);
  await files.write("/there", content, 0o600);
  expect(written().equals(content)).toBe(true);
  expect(content.equals((await files.read("/there", SIZE)) as Buffer)).toBe(true);
  // it has become shorter since it was looked at
  const short = sftpFiles(to, slackServer(content.subarray(0, 70_000)).sftp);
  expect(content.subarray(0, 70_000).equals((await short.read("/there", SIZE)) as Buffer)).toBe(true);
  expect(await short.read("/there", SIZE - 1)).toBe("other");
});

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
