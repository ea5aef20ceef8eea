import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isCompilerFlag } from "../../compiler/artifact/compiler-flag.ts";
import { INTENTS, isIntent } from "../../compiler/artifact/intent.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import {
  allIntentFlags,
  compilerKind,
  FAMILIES,
  familyFlags,
  intentFlags,
  QUIET_FLAGS,
  sourceFlags,
} from "../../compiler/toolchain/intent-flags.ts";
import { findToolchain } from "../../compiler/toolchain/toolchain.ts";

const FSF = "Copyright (C) 2022 Free Software Foundation, Inc.";

describe("which compiler it is", () => {
  test.each([
    [`gcc (Debian 12.2.0-14+deb12u1) 12.2.0\n${FSF}`, { family: "gcc", major: 12 }],
    [`aarch64-linux-gnu-gcc (Ubuntu 13.2.0-23ubuntu4) 13.2.0\n${FSF}`, { family: "gcc", major: 13 }],
    [`cc (GCC) 4.8.5 20150623 (Red Hat 4.8.5-44)\n${FSF}`, { family: "gcc", major: 4 }],
    [`gcc (GCC) 15.0.1 20250101 (experimental)\n${FSF}`, { family: "gcc", major: 15 }],
    [`gcc (something else)\n${FSF}`, { family: "gcc", major: 0 }],
    ["Debian clang version 14.0.6\nTarget: x86_64-pc-linux-gnu", { family: "clang", major: 14 }],
    ["Apple clang version 15.0.0 (clang-1500.3.9.4)", { family: "clang", major: 15 }],
    ["tcc version 0.9.27 (x86_64 Linux)", { family: "other", major: 0 }],
    ["", { family: "other", major: 0 }],
  ])("%j", (says, kind) => {
    expect(compilerKind(says)).toEqual(kind);
  });
});

describe("flags for what kernels ask", () => {
  const gcc = { family: "gcc", major: 12 } as const;

  test("gcc 12", () => {
    expect(INTENTS.map((intent) => intentFlags(gcc, [intent]).join(" "))).toEqual([
      "-fno-schedule-insns -fno-schedule-fusion -fno-tree-ter",
      "-fno-move-loop-invariants",
      "-fno-tree-loop-im -fno-tree-pre",
      "-fno-gcse",
      "-fira-algorithm=priority",
      "-fno-tree-coalesce-vars",
      "-frename-registers",
      "--param=max-completely-peel-times=0",
      "-mtune=cortex-a72",
      "-fno-predictive-commoning",
    ]);
  });

  test("an older one is not given what it does not know, one of another family is asked about gcc's", () => {
    expect(intentFlags({ family: "gcc", major: 4 }, ["keep-order"])).not.toContain("-fno-schedule-fusion");
    expect(allIntentFlags({ family: "other", major: 0 })).toEqual(allIntentFlags(gcc));
  });

  test("clang", () => {
    expect(allIntentFlags({ family: "clang", major: 14 })).toEqual(["-fno-unroll-loops"]);
  });

  test("in the order of the intents, before flags that somebody said", () => {
    const source = { intents: ["no-sharing", "no-hoisting"], cflags: ["-O2"] } as const;
    expect(sourceFlags(gcc, source)).toEqual(["-fno-gcse", "-fno-move-loop-invariants", "-O2"]);
    expect(sourceFlags(gcc, { cflags: [] })).toEqual([]);
  });

  test.each(FAMILIES)("of %s each stand for one intent, and may stand in a makefile", (family) => {
    const flags = INTENTS.flatMap((intent) => familyFlags(family, intent));
    expect(new Set(flags).size).toBe(flags.length);
    expect([...flags, ...QUIET_FLAGS[family]].filter((flag) => !isCompilerFlag(flag))).toEqual([]);
  });

  test("intents have names that make and CMake take for one word", () => {
    expect(INTENTS.filter((intent) => !/^[a-z]+(-[a-z]+)*$/.test(intent))).toEqual([]);
    expect([isIntent("keep-order"), isIntent("-O2"), isIntent(7)]).toEqual([true, false, false]);
  });
});

describe("a clang for a board", () => {
  const folder = mkdtempSync(join(tmpdir(), "tw-clang-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  /** It says of itself what clang says, and which machine it was told. */
  const clang = async (machine: string): Promise<string> => {
    const cc = join(folder, `clang for ${machine}`);
    const said = `case "$*" in --version) echo "clang version 19.1.7";; --target=*) echo "$1" | cut -d= -f2;; *) echo ${machine};; esac`;
    writeFileSync(cc, `#!/bin/sh\n${said}\n`);
    await chmod(cc, 0o755);
    return cc;
  };

  test.each([
    ["rpi4", "x86_64-pc-linux-gnu", ["--target=aarch64-linux-gnu"]],
    ["rpi2", "aarch64-unknown-linux-gnu", ["--target=arm-linux-gnueabihf"]],
    ["rpi4", "aarch64-unknown-linux-gnu", []],
    ["host", "x86_64-pc-linux-gnu", []],
  ])("%s: one for %s is given %j", async (board, machine, options) => {
    const TILEWRIGHT_CC = await clang(machine);
    const toolchain = await findToolchain(loadTarget(board), { TILEWRIGHT_CC });
    expect(toolchain).toMatchObject({ cc: TILEWRIGHT_CC, family: "clang", major: 19, options });
  });
});
