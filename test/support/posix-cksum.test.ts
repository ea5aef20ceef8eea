import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileCksum, posixCksum } from "../../compiler/support/posix-cksum.ts";

test.each([0, 1, 255, 256, 70_000])("checksums of %i bytes are those of cksum", async (size) => {
  const data = Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 131 + (i >> 7)) & 255));
  const expected = execFileSync("cksum", { input: data }).toString().split(" ")[0];
  expect(posixCksum(data)).toBe(expected);
  const folder = mkdtempSync(join(tmpdir(), "cksum-"));
  writeFileSync(join(folder, "file"), data);
  expect(await fileCksum(join(folder, "file"))).toBe(expected);
  rmSync(folder, { recursive: true });
});
