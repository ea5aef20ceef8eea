import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { loadCore } from "../../compiler/machine/load.ts";
import { after, type Body, coreOf, folder, perTurn, times } from "./assembly-loops.ts";

/** Instructions of half precision cost what the same ones of single precision do, as in Arm's guides. */
afterAll(() => rmSync(folder, { recursive: true }));
const a76 = coreOf("qemu-rpi5");
const a55 = { ...a76, ...loadCore("cortex-a55") };

const WIDER: Readonly<Record<string, string>> = { "8h": "4s", "4h": "2s", "2h": "2s", "4s": "2d" };
/** The same loop with elements of twice the size; registers stay as wide. */
const wider = (body: Body): Body =>
  body.map((line) =>
    line
      .replace(/\b[824][hs]\b/g, (arrangement) => WIDER[arrangement])
      .replace(/\.h(\}?)\[(\d)\]/g, (_, brace: string, lane: string) => `.s${brace}[${Number(lane) % 4}]`)
      .replace(/\b[hs](?=\d)/g, (scalar) => (scalar === "h" ? "s" : "d")),
  );

/** An instruction of each kind that writes register `d` and reads `n`. */
type Line = (d: number, n: number) => string;
const three = (names: string, arrangement: string): readonly Line[] =>
  names
    .split(" ")
    .map((name) => (d, n) => `${name} v${d}.${arrangement}, v${n}.${arrangement}, v31.${arrangement}`);
const two = (names: string, arrangement: string): readonly Line[] =>
  names.split(" ").map((name) => (d, n) => `${name} v${d}.${arrangement}, v${n}.${arrangement}`);
const scalars = (names: string): readonly Line[] =>
  names.split(" ").map((name) => (d, n) => `${name} h${d}, h${n}, h31`);

const ARITHMETIC =
  "fmla fmls fadd fsub fmul fmulx fmax fmin fmaxnm fminnm fabd frecps frsqrts faddp fmaxp fcmeq fcmge facgt";
const ROUNDED =
  "frintn frintm frintp frintz frinta frintx frinti fcvtns fcvtms fcvtas fcvtzs fcvtzu scvtf ucvtf";
const GROUPS: Readonly<Record<string, readonly Line[]>> = {
  "vectors of 128 bits": three(ARITHMETIC, "8h"),
  "vectors of 64 bits": three(ARITHMETIC, "4h"),
  "by element": ["fmla", "fmls", "fmul", "fmulx"].flatMap((name) => [
    (d, n) => `${name} v${d}.8h, v${n}.8h, v4.h[7]`,
    (d, n) => `${name} v${d}.4h, v${n}.4h, v15.h[2]`,
    (d, n) => `${name} h${d}, h${n}, v4.h[1]`,
    (d, n) => `${name} v${d}.8h, v16.8h, v${n % 16}.h[3]`,
  ]),
  "of one operand": [...two("fabs fneg", "8h"), ...two("fabs fneg", "4h")],
  divisions: [...three("fdiv", "8h"), ...two("fsqrt", "8h"), ...three("fdiv", "4h"), ...scalars("fdiv")],
  "conversions of one": [(d, n) => `fcvt s${d}, h${n}`, (d, n) => `fcvt h${d}, s${n}`],
  scalars: [
    ...scalars("fadd fsub fmul fnmul fmax fminnm fabd fmulx frecps fcmgt"),
    (d, n) => `fmadd h${d}, h${n}, h31, h${d}`,
    (d, n) => `fnmsub h${d}, h31, h30, h${n}`,
    (d, n) => `fcmp h${n}, h31\nfcsel h${d}, h${n}, h31, lt`,
    (d, n) => `fmov w4, h${n}\nfmov h${d}, w4`,
    (d, n) => `fcvtzs w4, h${n}\nscvtf h${d}, w4`,
    (d, n) => `faddp h${d}, v${n}.2h`,
  ],
  "moves and reductions": [
    (d, n) => `dup v${d}.8h, v${n}.h[5]`,
    (d, n) => `umov w4, v${n}.h[6]\ndup v${d}.8h, w4`,
    (d, n) => `mov v${d}.h[3], v${n}.h[1]`,
    (d, n) => `fmaxv h${d}, v${n}.8h`,
    (d, n) => `fminp h${d}, v${n}.2h`,
    (d, n) => `zip1 v${d}.8h, v${n}.8h, v31.8h`,
    (d) => `fmov v${d}.8h, #1.0`,
  ],
  "loads and stores": [
    (d) => `ldr h${d}, [x1, #16]`,
    (d) => `ld1r {v${d}.8h}, [x1]`,
    (d) => `ld1 {v${d}.h}[6], [x1]`,
    (d) => `ld1 {v${d}.8h}, [x1]`,
    (_, n) => `st1 {v${n}.h}[1], [x1]`,
    (_, n) => `str h${n}, [x1, #32]`,
    (d) => `ldp q${d}, q30, [x1]`,
  ],
};

/** What hides no wait: each line needs the one before it, as what it adds to and as what it reads. */
const chained = (lines: readonly Line[]): Body =>
  lines.flatMap((line) => [line(20, 17), line(20, 17), line(20, 20)]);
/** Lines beside one another; v24 to v26, which no line reads, are written all the time. */
const beside = (lines: readonly Line[]): Body =>
  lines.flatMap((line, i) => [
    `fmul v${24 + (i % 3)}.8h, v31.8h, v31.8h`,
    ...times(4, (copy) => line((4 * i + copy) % 4, 16 + copy)),
  ]);

test.each(Object.entries(GROUPS))("%s: as those of twice the size", async (_, lines) => {
  for (const core of [a76, a55])
    for (const body of [chained(lines), beside(lines)])
      expect((await after(core, body, 100)).cycles, core.name).toBe(
        (await after(core, wider(body), 100)).cycles,
      );
});

test.each(`${ROUNDED} frecpe frsqrte`.split(" "))(
  "%s: each two elements a cycle on an A76, a register on an A55",
  async (name) => {
    const body = (arrangement: string): Body =>
      times(24, (i) => `${name} v${i % 16}.${arrangement}, v${16 + (i % 8)}.${arrangement}`);
    expect(await perTurn(a76, body("8h"))).toBe(4 * 24);
    expect(await perTurn(a76, body("4h"))).toBe(2 * 24);
    expect(await perTurn(a76, body("4s"))).toBe(2 * 24);
    expect((await perTurn(a55, body("8h"))) / 24).toBeCloseTo(1, 1);
  },
);

test("independent multiply-accumulates by element: two a cycle on an A76, one on an A55", async () => {
  const body = times(24, (i) => `fmla v${i === 4 ? 28 : i}.8h, v30.8h, v4.h[${i % 8}]`);
  expect(await perTurn(a76, body)).toBe(12);
  expect((await perTurn(a55, body)) / 24).toBeCloseTo(1, 1);
});

test.each([
  ["fmla v20.8h, v30.8h, v4.h[7]", 2, 4],
  ["fmla v20.8h, v30.8h, v31.8h", 2, 4],
  ["fmla v0.8h, v0.8h, v31.8h", 4, 4],
  ["fmla v4.8h, v30.8h, v4.h[1]", 4, 4],
  ["fmul v0.8h, v0.8h, v31.8h", 3, 4],
  ["fadd v0.8h, v0.8h, v31.8h", 2, 4],
  ["fcvtn2 v0.8h, v31.4s", 4, 4],
  ["fneg v0.8h, v0.8h", 2, 2],
])("a chain of %s: the latency of the operand that goes through it", async (line, onA76, onA55) => {
  const body = times(8, () => line);
  expect(await perTurn(a76, body)).toBe(8 * onA76);
  expect(await perTurn(a55, body)).toBe(8 * onA55);
});
