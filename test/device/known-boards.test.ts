import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { boardsJson, boardsText } from "../../compiler/cli/boards-text.ts";
import { cleanedText } from "../../compiler/cli/cleaned-text.ts";
import { readBoardsFile } from "../../compiler/device/known/boards-file.ts";
import { boardsOf } from "../../compiler/device/known/boards-of.ts";
import { parseHoldings, planCleaning } from "../../compiler/device/known/holdings.ts";
import { rememberBoard, usedBoards } from "../../compiler/device/known/used-boards.ts";
import { withOwnedName } from "../../compiler/device/owned-names.ts";
import { forgetBoards, mergeBoards } from "../../compiler/driver/boards/known-boards.ts";
import type { ListedBoard } from "../../compiler/driver/boards/list-boards.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { messageOf } from "./message-of.ts";

const folder = mkdtempSync(join(tmpdir(), "known-boards-"));
beforeAll(() => {
  vi.stubEnv("TILEWRIGHT_CACHE", join(folder, "cache"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const COPY = "ab".repeat(32);
/** Of another machine. */
const THEIRS = `0123abcd-77-${"0".repeat(16)}`;

describe("what a board keeps", () => {
  test("is read, and what is none of ours is left out", () => {
    const lines = [
      ...["lock 12 joe@pc (process 7 there)", "stale 3", "folder /home/pi/.cache/tilewright", "disk 4096"],
      ...[`file 700 ${COPY}`, `file 2 .new-9-0000000000000000-${THEIRS}`, "file 5 notes.txt", "file x y"],
      ...[`run 8 ${THEIRS}`, `run 4 ${THEIRS}.active`, "run 1 ../../etc", `old ${THEIRS}`],
    ];
    expect(parseHoldings(lines)).toEqual({
      folder: "/home/pi/.cache/tilewright",
      diskFreeMiB: 4,
      items: [
        { kind: "copy", name: COPY, kib: 700, old: false },
        { kind: "upload", name: `.new-9-0000000000000000-${THEIRS}`, kib: 2, old: false },
        { kind: "run", name: `runs/${THEIRS}`, kib: 8, old: true },
        { kind: "run", name: `runs/${THEIRS}.active`, kib: 4, old: false },
      ],
      busy: { held: 12, holder: "joe@pc (process 7 there)" },
      staleLocks: 3,
    });
    expect(parseHoldings([])).toEqual({ items: [], staleLocks: 0 });
    expect(parseHoldings(["folder relative", "folder /a\u001b[31m"]).folder).toBeUndefined();
    // what lies where there is no folder of ours is somebody else's
    expect(parseHoldings(lines.filter((line) => !line.startsWith("folder"))).items).toEqual([]);
  });

  test("goes when nobody can need it: a living upload stays, copies and active runs want the lock", async () => {
    await withOwnedName(async (mine) => {
      const dead = mine.replace(/-\d+-/, "-9999999999-");
      const item = (kind: "copy" | "upload" | "run", name: string, old = false) => ({
        ...{ kind, name, kib: 1, old },
      });
      const items = [
        item("copy", COPY),
        item("upload", `.new-1-${"1".repeat(16)}-${mine}`),
        item("upload", `.new-1-${"1".repeat(16)}-${dead}`),
        item("run", `runs/${THEIRS}`),
        item("run", `runs/${dead}`),
        item("run", `runs/${THEIRS}1`, true),
        item("run", `runs/${dead}.active`),
      ];
      const names = ({ name }: { readonly name: string }): string => name;
      const { left, locked, living } = planCleaning({ items });
      expect(left.map(names)).toEqual([items[2], items[4], items[5]].map((i) => i?.name));
      expect(locked.map(names)).toEqual([COPY, `runs/${dead}.active`]);
      expect(living.map(names)).toEqual([items[1], items[3]].map((i) => i?.name));
    });
  });
});

describe("the boards file", () => {
  const file = join(folder, "boards.json");
  const reading = async (text: string): Promise<string> => {
    writeFileSync(file, text);
    return messageOf(readBoardsFile(file));
  };

  test("gives pools, which stand for their boards", async () => {
    const pools = { farm: ["pi@a", "pi@b:22"], odd: ["host"] };
    writeFileSync(file, JSON.stringify({ boards: ["attic"], pools }));
    const read = await readBoardsFile(file);
    expect(await boardsOf(["farm", "pi@c", "pi@a"], read)).toEqual(["pi@a", "pi@b:22", "pi@c"]);
    expect(
      mergeBoards([], read, [
        { name: "pi@a", target: "rpi4", seen: 5 },
        { name: "shed", seen: 6 },
      ]).map(({ name, pools, seen }) => [name, pools.join(), seen]),
    ).toEqual([
      ["attic", "", undefined],
      ["pi@a", "farm", 5],
      ["pi@b:22", "farm", undefined],
      ["host", "odd", undefined],
      ["shed", "", 6],
    ]);
    expect(mergeBoards(["farm", "new"], read, []).map(({ name }) => name)).toEqual([
      "pi@a",
      "pi@b:22",
      "new",
    ]);
  });

  test("may be missing, unless it is named", async () => {
    expect((await readBoardsFile(join(folder, "none.json"))).boards).toEqual([]);
    vi.stubEnv("TILEWRIGHT_BOARDS", join(folder, "none.json"));
    expect(await messageOf(readBoardsFile())).toBe(
      [
        `error[D181]: cannot read the boards file \`${folder}/none.json\``,
        `  why:   ENOENT: no such file or directory, open '${folder}/none.json'`,
        "  help:  TILEWRIGHT_BOARDS names another one",
      ].join("\n"),
    );
    vi.stubEnv("TILEWRIGHT_BOARDS", "");
  });

  const HELP =
    '\n  help:  it looks like {"boards": ["pi@attic"], "pools": {"farm": ["pi@pi4-a", "pi@pi4-b"]}}';
  test.each([
    ['{"pools": {"farm": []}}', "pools.farm: Too small: expected array to have >=1 items"],
    ['{"pols": {}}', 'Unrecognized key: "pols"'],
    ['{"boards": ["-oProxyCommand=x"]}', "boards.0: no name of a board"],
    ['{"pools": {"host": ["pi@a"]}}', "pools.host: a target is called so, and `--board host` means that"],
    ['{"pools": {"a": ["b"], "b": ["x"]}}', "pools.a: `b` is a pool, not a board"],
    ['{"pools": {"a": ["x", "x"]}}', "pools.a: `x` is there twice"],
  ])("%s is refused", async (text, why) => {
    expect(await reading(text)).toBe(`error[D182]: \`${file}\` is no boards file\n  why:   ${why}${HELP}`);
  });
});

test("boards that were used are remembered, and forgotten with their configuration", async () => {
  const config = join(folder, "config");
  writeFileSync(config, "");
  await rememberBoard({ name: "pi@a", sshConfig: config }, "rpi4", 1000);
  await rememberBoard({ name: "pi@a", sshConfig: config }, undefined, 2000);
  await rememberBoard({ name: "pi@b" }, undefined, 3000);
  expect(await usedBoards()).toEqual([
    { name: "pi@a", sshConfig: config, target: "rpi4", seen: 2000 },
    { name: "pi@b", seen: 3000 },
  ]);
  rmSync(config);
  expect((await usedBoards()).map(({ name }) => name)).toEqual(["pi@b"]);
  expect(await messageOf(forgetBoards(["pi@c"]))).toBe(
    [
      "error[D183]: `pi@c` is not listed as a board that was used before",
      "  help:  did you mean `pi@b`?",
    ].join("\n"),
  );
  await forgetBoards(["pi@b"]);
  expect(await usedBoards()).toEqual([]);
});

describe("lists", () => {
  const now = 1e12;
  const error = new UserError({ code: "D103", exit: "boardUnreachable", title: "`pi@b` cannot be reached" });
  const boards: readonly ListedBoard[] = [
    {
      ...{ name: "pi@a", pools: ["farm"], target: "rpi4", seen: now },
      now: {
        ...{ kind: "answers", diskFreeMiB: 2000, copies: { count: 3, kib: 900 }, left: { count: 0, kib: 0 } },
        ...{ staleLocks: 1, busy: { held: 300, holder: "joe@pc" } },
        health: { verdict: "warn", findings: [{ hop: "heat", verdict: "warn", says: "it is hot: 82 °C" }] },
      },
    },
    { name: "pi@b", pools: ["farm"], seen: now - 5e8, now: { kind: "silent", error } },
    { name: "host", pools: [], target: "host", now: { kind: "here" } },
  ];

  test("say what there is, and what is wrong", async () => {
    expect(await boardsText(boards, pc.createColors(false), now)).toBe(
      `board  pool  target  state             copies       left  disk free  health      last seen
pi@a   farm  rpi4    in use for 5 min  3 (900 KiB)        2000 MiB   warn: heat  now
pi@b   farm  ?       does not answer                                             6 days ago
host         host    here
pi@a: in use by joe@pc
pi@a: 1 old lock
pi@a: heat: it is hot: 82 °C
pi@b: error[D103]: \`pi@b\` cannot be reached`,
    );
    expect(boardsJson(boards.slice(1))).toEqual([
      {
        ...{ board: "pi@b", pools: ["farm"], last_seen: "2001-09-03T06:53:20.000Z", reachable: false },
        error: { code: "D103", title: "`pi@b` cannot be reached" },
      },
      { board: "host", target: "host", pools: [], reachable: true, here: true },
    ]);
  });

  test("say what went, and for whom something stays", () => {
    const copy = { kind: "copy", name: COPY, kib: 500, old: false } as const;
    const run = { kind: "run", name: `runs/${THEIRS}`, kib: 4, old: true } as const;
    const cleaned = {
      ...{ removed: [run], kept: [copy, copy], staleLocks: 0, busy: { held: 9, holder: "joe@pc" } },
    };
    expect(
      cleanedText(
        [
          { name: "pi@a", cleaned },
          { name: "pi@b", error },
        ],
        true,
      ),
    ).toEqual([
      "pi@a: would remove 1 folder of a run (4 KiB)",
      "pi@a: would keep 2 copies (1000 KiB): in use by joe@pc, for 9 s now",
      "pi@b: error[D103]: `pi@b` cannot be reached",
    ]);
  });
});
