import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askBoard } from "../../compiler/device/board-script.ts";
import { parseHoldings } from "../../compiler/device/known/holdings.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { localWay } from "./local-way.ts";
import { messageOf } from "./message-of.ts";

const folder = temporaryFolder("ask-board");

test("a listing is whole, however long", async () => {
  const kept = join(folder, "kept");
  mkdirSync(join(kept, "runs"), { recursive: true });
  const names = Array.from({ length: 2000 }, (_, i) => i.toString(16).padStart(64, "0"));
  for (const name of names) writeFileSync(join(kept, name), "");
  const { way, close } = localWay();
  const { items } = parseHoldings(await askBoard(way, "holdings", [kept]));
  close();
  expect(items.map(({ name }) => name)).toEqual(names);
});

test("an answer that is too long is refused, and no part of it is taken", async () => {
  const { way, close } = localWay("head -c 9000000 /dev/zero | tr '\\0' x");
  expect(await messageOf(askBoard(way, "holdings", [folder]))).toBe(
    [
      "error[D163]: `here` answers with more than 8.0 MiB: it was to tell what it keeps",
      "  help:  see what its start-up files print, and how much lies in the folder of copies (`ls -A .cache/tilewright | wc -l` there)",
      "  help:  what Tilewright keeps there can go: `rm -rf .cache/tilewright`",
    ].join("\n"),
  );
  close();
});
