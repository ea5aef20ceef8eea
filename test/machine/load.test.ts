import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  listCores,
  listIsas,
  listTargets,
  loadCore,
  loadIsa,
  loadTarget,
} from "../../compiler/machine/load.ts";
import { messageOf } from "../support/message.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("the targets that come with Tilewright", () => {
  it.each(listTargets())("%s is complete and named after its file", (name) => {
    const target = loadTarget(name);
    expect(target.name).toBe(name);
    expect(target.board.triple === undefined).toBe(target.board.run === "native");
    expect(target.core.name).toBe(target.board.core);
    const { isa, wider = [] } = target.board;
    expect([isa, ...wider.map((w) => w.isa)]).toContain(target.isa.name);
    for (const { isa: name } of wider) expect(listIsas()).toContain(name);
  });

  it.each(listCores())("core %s is named after its file", (name) => {
    expect(loadCore(name).name).toBe(name);
  });

  it.each(listIsas())("instruction set %s uses only the arguments its operations have", (name) => {
    const isa = loadIsa(name);
    expect(isa.name).toBe(name);
    const arity = {
      load: 1,
      store: 2,
      splat: 1,
      add: 2,
      sub: 2,
      mul: 2,
      div: 2,
      sqrt: 1,
      min: 2,
      max: 2,
      exponent: 1,
      reciprocal: 1,
      fma: 3,
      fms: 3,
      fmaLane: 3,
      mulLane: 2,
    };
    for (const [op, text] of Object.entries(isa.ops)) {
      const used = [...new Set(text?.match(/\$(?:\d+|[a-z]+)/g))].sort();
      const wanted = Array.from({ length: arity[op as keyof typeof arity] }, (_, i) => `$${i + 1}`);
      expect(used, op).toEqual(op.endsWith("Lane") ? [...wanted, "$lane"] : wanted);
    }
  });

  it("an emulated board differs from the real one in how it is run only", () => {
    for (const name of listTargets().filter((n) => n.startsWith("qemu-"))) {
      const { summary: _, ...emulated } = loadTarget(name).board;
      const { summary: __, ...real } = loadTarget(name.slice("qemu-".length)).board;
      expect(emulated).toEqual({ ...real, name, run: "qemu" });
    }
  });
});

describe("a target in LLVM's style", () => {
  it("means any machine with that core", () => {
    const target = loadTarget("-mtriple=aarch64-linux-gnu -mcpu=cortex-a76 -mattr=+neon,+dotprod,+fp16");
    expect(target.name).toBe("cortex-a76");
    expect(target.isa.name).toBe("neon-v8");
    expect(target.board.cflags).toEqual(["-mcpu=cortex-a76+dotprod+fp16"]);
    expect(target.board.features).toEqual(["fp16", "dotprod"]);
  });

  it("means 32-bit state where the triple or the core says so", async () => {
    const flags = ["-mfpu=neon-vfpv4", "-mfloat-abi=hard"];
    const a53 = loadTarget("-mtriple=armv7a-linux-gnueabihf -mcpu=cortex-a53 -mattr=+neon");
    expect([a53.isa.name, a53.board.triple]).toEqual(["neon-v7", "arm-linux-gnueabihf"]);
    expect(a53.board.cflags).toEqual(["-mcpu=cortex-a53", ...flags]);
    expect(loadTarget("-mcpu=cortex-a7").isa.name).toBe("neon-v7");
    expect(await messageOf(() => loadTarget("-mtriple=aarch64-linux-gnu -mcpu=cortex-a7"))).toContain(
      "why:   cortex-a7 has no 64-bit state",
    );
    expect(await messageOf(() => loadTarget("-mcpu=cortex-a15 -mattr=+fp16"))).toContain(
      "why:   -mattr=+fp16 is for 64-bit targets only",
    );
  });

  it("names what it cannot read", async () => {
    expect(await messageOf(() => loadTarget("-mcpu=cortex-a27"))).toMatchInlineSnapshot(`
      "error[C103]: no core is named \`cortex-a27\`
        why:   known cores: carmel, cortex-a15, cortex-a53, cortex-a55, cortex-a57, cortex-a7, cortex-a72, cortex-a73, cortex-a76, cortex-a78, cortex-a78ae, native
        help:  did you mean \`-mcpu=cortex-a57\`?"
    `);
    expect(await messageOf(() => loadTarget("-mcpu=cortex-a72 -mattr=+sve"))).toMatchInlineSnapshot(`
      "error[C104]: cannot read the target \`-mcpu=cortex-a72 -mattr=+sve\`
        why:   -mattr=+sve is not one of +neon, +simd, +fp16, +fullfp16, +dotprod, +i8mm, +crc, +crypto
        help:  for example: --target="-mtriple=aarch64-linux-gnu -mcpu=cortex-a72 -mattr=+neon""
    `);
  });
});

describe("a board of one's own", () => {
  const folder = temporaryFolder("target");
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const shown = (text: string): string => text.replaceAll(folder, ".");

  it("is read from a file", () => {
    const board = { ...loadTarget("rpi4").board, name: "mine" };
    expect(loadTarget(write("mine.json", JSON.stringify(board))).name).toBe("mine");
  });

  it("lists every wrong field with its path", async () => {
    const file = write(
      "wrong.json",
      JSON.stringify({ ...loadTarget("rpi4").board, cores: 0, runs: "ssh", cflags: ["-O3", 7] }),
    );
    expect(shown(await messageOf(() => loadTarget(file)))).toMatchInlineSnapshot(`
      "error[C102]: \`./wrong.json\` does not describe a target
        why:   cores: Too small: expected number to be >=1
               cflags.1: Invalid input: expected string, received number
               (whole file): Unrecognized key: "runs"
        help:  the fields are described in targets/schema"
    `);
  });

  it("is made of another board, which may be made so itself", async () => {
    const board = (own: object): string =>
      write("made.json", JSON.stringify({ name: "mine", summary: "mine", ...own }));
    const made = loadTarget(board({ extends: "rpi4", clockMHz: 1800 })).board;
    expect(made).toEqual({ ...loadTarget("rpi4").board, name: "mine", summary: "mine", clockMHz: 1800 });
    expect(await messageOf(() => loadTarget(board({ extends: "rpi44" })))).toContain(
      "why:   extends: no board is named `rpi44`",
    );
    const again = loadTarget(board({ extends: "qemu-rpi4", cores: 2 })).board;
    expect(again).toEqual({ ...loadTarget("qemu-rpi4").board, name: "mine", summary: "mine", cores: 2 });
  });

  it("cannot be emulated without an emulator", async () => {
    const board = { ...loadTarget("qemu-rpi4").board, isa: "portable" };
    const file = write("portable.json", JSON.stringify(board));
    expect(shown(await messageOf(() => loadTarget(file)))).toMatchInlineSnapshot(`
      "error[C102]: \`./portable.json\` does not describe a target
        why:   run: portable names no emulator
        help:  the fields are described in targets/schema"
    `);
  });

  it("says when it is no JSON, or names an unknown core", async () => {
    const file = write("torn.json", "{");
    expect(shown(await messageOf(() => loadTarget(file)))).toMatchInlineSnapshot(`
      "error[C102]: \`./torn.json\` does not describe a target
        why:   Expected property name or '}' in JSON at position 1
        help:  the fields are described in targets/schema"
    `);
    const core = write("core.json", JSON.stringify({ ...loadTarget("rpi4").board, core: "cortex-a99" }));
    expect(shown(await messageOf(() => loadTarget(core)))).toMatchInlineSnapshot(`
      "error[C102]: \`targets/cores/cortex-a99.json\` does not describe a target
        why:   no such file; there are carmel, cortex-a15, cortex-a53, cortex-a55, cortex-a57, cortex-a7, cortex-a72, cortex-a73, cortex-a76, cortex-a78, cortex-a78ae, native
        help:  the fields are described in targets/schema"
    `);
  });
});

describe("an unknown target", () => {
  it("gets the list and the nearest name", async () => {
    expect(await messageOf(() => loadTarget("rpi44"))).toMatchInlineSnapshot(`
      "error[C101]: no target is named \`rpi44\`
        why:   known targets: hikey970, host, jetson-nano, odroid-xu4, orin-nano, qemu-jetson-nano, qemu-rpi2, qemu-rpi3, qemu-rpi4, qemu-rpi5, rk3399, rk3588, rpi2, rpi3, rpi3-32, rpi4, rpi5, xavier-nx, zero2w, zero2w-32
        help:  did you mean \`rpi4\`?
        help:  \`tilewright targets list\` describes them; a core works too: --target=-mcpu=cortex-a72"
    `);
    expect(await messageOf(() => loadTarget("../package"))).toMatchInlineSnapshot(`
      "error[C101]: no target is named \`../package\`
        why:   known targets: hikey970, host, jetson-nano, odroid-xu4, orin-nano, qemu-jetson-nano, qemu-rpi2, qemu-rpi3, qemu-rpi4, qemu-rpi5, rk3399, rk3588, rpi2, rpi3, rpi3-32, rpi4, rpi5, xavier-nx, zero2w, zero2w-32
        help:  \`tilewright targets list\` describes them; a core works too: --target=-mcpu=cortex-a72"
    `);
  });
});
