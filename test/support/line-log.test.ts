import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { type LogKind, openLineLog, pruneLines } from "../../compiler/support/line-log.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-line-log-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KIND: LogKind<{ readonly n: number }> = {
  schema: z.strictObject({ n: z.int() }),
  unusable: (path, why, cause) => new Error(`${path}: ${why}`, { cause }),
  onOdd: () => {},
};
const numbersIn = (path: string): readonly number[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).n);
const isEven = ({ n }: { readonly n: number }): boolean => n % 2 === 0;

test("what is appended to a log while it is pruned stays, whenever that is", async () => {
  const path = join(folder, "both.jsonl");
  const log = await openLineLog(path, KIND);
  for (let n = 0; n < 4; n++) await log.append({ n });
  await pruneLines(path, KIND, (lines) => lines.filter(isEven));
  expect(numbersIn(path)).toEqual([0, 2]);
  await log.append({ n: 5 });
  expect(numbersIn(path)).toEqual([0, 2, 5]);

  // Somebody writes until the log was pruned six times meanwhile. Odd ones from 101 on are the writer's.
  const written: number[] = [];
  let rounds = 0;
  const writing = (async () => {
    for (let n = 101; rounds < 6; n += 2) {
      await log.append({ n });
      written.push(n);
    }
  })();
  for (; rounds < 6; rounds++) {
    await pruneLines(path, KIND, (lines) => lines.filter((line) => isEven(line) || line.n > 100));
    await sleep(2);
  }
  await writing;
  await log.close();
  expect(new Set(numbersIn(path))).toEqual(new Set([0, 2, ...written]));
});
